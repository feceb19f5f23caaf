"""What waits to be appended: a bounded queue for people and one for bulk."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any, Generic, TypeVar

import msgspec

from myelin.append.proposal import Lane, Proposal
from myelin.matrix.errors import LimitExceeded

WAITING_LIMIT = 10_000
BATCH_LIMIT = 256
# After so many batches of people alone, one takes bulk along: it is slow under load, and never stands still.
PASSED_OVER_LIMIT = 8

Answer = TypeVar("Answer")


class Ask(msgspec.Struct, Generic[Answer]):
    """A proposal with the place where its answer is awaited. A caller who hangs up does not withdraw it."""

    proposal: Proposal[Answer]
    answer: asyncio.Future[Answer]

    def resolve(self, answer: Answer) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)

    def refuse(self, refusal: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(refusal)


AnyAsk = Ask[Any]


class Lanes:
    """Two queues; a batch takes everybody who waits, and a bounded part of the bulk."""

    def __init__(self) -> None:
        self._people: deque[AnyAsk] = deque()
        self._bulk: deque[AnyAsk] = deque()
        self._arrived = asyncio.Event()
        self._person_arrived = asyncio.Event()
        self._passed_over = 0

    def put(self, ask: AnyAsk) -> None:
        """Queue a proposal; `LimitExceeded` where too many wait already."""
        lane = self._bulk if ask.proposal.lane is Lane.BULK else self._people
        if len(lane) >= WAITING_LIMIT:
            raise LimitExceeded("the server is busy; try again in a second", retry_after_ms=1000)
        lane.append(ask)
        self._arrived.set()
        if lane is self._people:
            self._person_arrived.set()

    async def next_batch(self, bulk_limit: int, rest_s: float = 0.0) -> list[AnyAsk]:
        """Wait for work; return whoever is waiting, and so much of the bulk where nobody is or it has waited long.

        Bulk alone waits for so long first, or until somebody comes.
        """
        await self._arrived.wait()
        if not self._people and rest_s > 0:
            await self._rest(rest_s)
        batch = [self._people.popleft() for _ in range(min(len(self._people), BATCH_LIMIT))]
        self._passed_over = self._passed_over + 1 if batch and self._passed_over < PASSED_OVER_LIMIT else 0
        if self._passed_over == 0:
            batch += [self._bulk.popleft() for _ in range(min(len(self._bulk), bulk_limit))]
        if not self._people and not self._bulk:
            self._arrived.clear()
        return batch

    async def _rest(self, rest_s: float) -> None:
        self._person_arrived.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(rest_s):
                await self._person_arrived.wait()

    def __len__(self) -> int:
        return len(self._people) + len(self._bulk)
