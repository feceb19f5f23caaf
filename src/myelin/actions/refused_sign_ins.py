"""Refused sign-ins, counted per account and address and recorded once a minute at most.

A name that no account has is not recorded, only the address: it may be a password typed into the wrong field.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import msgspec

from myelin.append.proposal import Lane, Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import SignInRefused
from myelin.matrix.errors import MatrixError

INTERVAL_S = 60
COUNTED_LIMIT = 10_000
# Where so many different accounts and addresses are tried within a minute, the rest are counted together.
OTHERS: tuple[str | None, str] = (None, "")

Submit = Callable[[Proposal[None]], Awaitable[None]]

logger = logging.getLogger(__name__)


def record_refusals(user_id: str | None, address: str, count: int) -> Proposal[None]:
    """Propose the entry; the address is its body, so that it can be erased."""

    def propose(turn: Turn) -> None:
        body = msgspec.json.encode({"address": address})
        turn.emit(Draft(facts=SignInRefused(count), sender=user_id, body=body))

    return Proposal(propose, lane=Lane.BULK)


class RefusedSignIns:
    """Counts in memory; a crash loses a minute of counts at most."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str | None, str], int] = {}

    def count(self, user_id: str | None, address: str) -> None:
        """Count one refusal; `user_id` is None where there is no such account."""
        key = (user_id, address)
        if key not in self._counts and len(self._counts) >= COUNTED_LIMIT:
            key = OTHERS
        self._counts[key] = self._counts.get(key, 0) + 1

    async def run(self, submit: Submit) -> None:
        """Record every minute, for ever."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            await self.record(submit)

    async def record(self, submit: Submit) -> None:
        """Record what was counted since the last time."""
        counts, self._counts = self._counts, {}
        for (user_id, address), count in counts.items():
            try:
                await submit(record_refusals(user_id, address, count))
            except MatrixError as refusal:
                logger.warning("%d refused sign-ins could not be recorded: %s", count, refusal.errcode)
