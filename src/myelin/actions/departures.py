"""Whoever's account is closed leaves their rooms, one bulk proposal a room.

What is left to do is what the projections say (a closed account with a membership), so a crash anywhere loses nothing:
the next start, of any process, goes on. Two processes may both try; the second finds that it is done.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from myelin.append.proposal import Lane, Proposal
from myelin.append.room_events import NewEvent
from myelin.append.turn import Turn
from myelin.entries.entry import Entry
from myelin.entries.facts import AccountDeactivated
from myelin.matrix.errors import LimitExceeded, MatrixError, ResourceUnavailable
from myelin.matrix.json import JsonObject
from myelin.schema.connections import DATABASE_FAULTS

RETRY_AFTER_S = 10
PRESENT = ("join", "invite", "knock")

# Returns (user id, room id) of memberships of closed accounts.
Remaining = Callable[[], Awaitable[Sequence[tuple[str, str]]]]
Submit = Callable[[Proposal[None]], Awaitable[None]]

logger = logging.getLogger(__name__)


def depart(user_id: str, room_id: str) -> Proposal[None]:
    """Propose that a closed account leaves a room."""

    def propose(turn: Turn) -> None:
        room = turn.room(room_id)
        if room is None or room.membership(user_id) not in PRESENT:
            return
        content: JsonObject = {"membership": "leave"}
        turn.send(
            room_id,
            NewEvent(type="m.room.member", sender=user_id, content=content, state_key=user_id, by_server=True),
        )

    return Proposal(propose, lane=Lane.BULK)


class Departures:
    """Leaves what is left to leave: at the start, and whenever an account is closed."""

    def __init__(self, remaining: Remaining) -> None:
        self._remaining = remaining
        self._wanted = asyncio.Event()
        self._wanted.set()

    def published(self, entries: Sequence[Entry]) -> None:
        """Take note of accounts that were closed, here or by another process."""
        if any(isinstance(entry.facts, AccountDeactivated) for entry in entries):
            self._wanted.set()

    async def run(self, submit: Submit) -> None:
        """Leave rooms, for ever."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self.leave_all(submit)
            except (LimitExceeded, ResourceUnavailable, *DATABASE_FAULTS) as fault:
                logger.warning("closed accounts are still in rooms (%s); trying again", type(fault).__name__)
                await asyncio.sleep(RETRY_AFTER_S)
                self._wanted.set()

    async def leave_all(self, submit: Submit) -> None:
        """Leave every room that a closed account is still in."""
        for user_id, room_id in await self._remaining():
            try:
                await submit(depart(user_id, room_id))
            except (LimitExceeded, ResourceUnavailable):
                raise
            except MatrixError as refusal:
                # Such as a room whose rules changed meanwhile; there is nothing more that can be done.
                logger.warning("a closed account stays in a room: %s", refusal.errcode)
