"""Who is on duty, in memory and kept current by the log: a role resolves without waiting for anything.

As with people, an entry only notes what is stale; the next question reads it. What is older than `REACH_BACK_MS` is the
log's affair: whoever asks is told so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence

from myelin.entries import facts as kinds
from myelin.entries.duty_plan import DutyPlan
from myelin.entries.entry import Entry
from myelin.matrix.errors import InvalidParam
from myelin.projections.duty import DutyReader
from myelin.staff.duty import Duties, OnDuty

REACH_BACK_MS = 35 * 86_400_000
LAID_TOGETHER = 20
LEAVING = (kinds.AccountDeactivated, kinds.PersonSet, kinds.PersonRemoved)


class Duty:
    """Resolves roles. `last_resort` is the role at the end of every line."""

    def __init__(self, reader: DutyReader, clock_ms: Callable[[], int], last_resort: str) -> None:
        self._reader = reader
        self._clock_ms = clock_ms
        self._last_resort = last_resort
        self._duties = Duties()
        self._gone: frozenset[str] = frozenset()
        self._duties_are_stale = True
        self._gone_is_stale = True
        self._reading = asyncio.Lock()

    def published(self, entries: Sequence[Entry]) -> None:
        """Note what changes of duties, and of those who have them."""
        for entry in entries:
            if isinstance(entry.facts, kinds.DutyPlanned):
                self._duties_are_stale = True
            elif isinstance(entry.facts, LEAVING) and entry.sender in self._duties.people:
                self._gone_is_stale = True

    async def resolve(self, role: str, at: int) -> OnDuty:
        """Return who answers for a role at an instant (ms), by all that was published before."""
        (answer,) = await self.resolve_all((role,), at)
        return answer

    async def resolve_all(self, roles: Sequence[str], at: int) -> list[OnDuty]:
        """Return who answers for each of these roles at one instant (ms); `InvalidParam` for one long past."""
        duties = await self.current()
        if at < self._clock_ms() - REACH_BACK_MS:
            raise InvalidParam("who was on duty is answered for the last 35 days; the log holds what was before")
        return [duties.resolve(role, at, self._gone) for role in roles]

    async def current(self) -> Duties:
        """Return the duties with all that was published before, from 35 days ago on."""
        if self._duties_are_stale or self._gone_is_stale:
            async with self._reading:
                await self._read_what_is_stale()
        return self._duties

    async def _read_what_is_stale(self) -> None:
        while self._duties_are_stale or self._gone_is_stale:
            # What changes while it is read is stale once more.
            if self._duties_are_stale:
                self._duties_are_stale, self._gone_is_stale = False, True
                try:
                    self._duties = await self._read(self._clock_ms() - REACH_BACK_MS)
                except BaseException:
                    self._duties_are_stale = True
                    raise
            self._gone_is_stale = False
            try:
                self._gone = await self._reader.gone(self._duties.people)
            except BaseException:
                self._gone_is_stale = True
                raise

    async def _read(self, since: int) -> Duties:
        duties = Duties(last_resort=self._last_resort)
        for plan in await self._reader.plans(since):
            for piece in pieces(plan):
                duties = duties.with_plan(piece)
                # A whole hospital's quarter takes a tenth of a second; others have their turn in between.
                await asyncio.sleep(0)
        return duties


def pieces(plan: DutyPlan) -> Iterator[DutyPlan]:
    """Yield a plan in pieces that amount to the same."""
    yield DutyPlan(roles=plan.roles)
    for start in range(0, len(plan.rosters), LAID_TOGETHER):
        yield DutyPlan(rosters=plan.rosters[start : start + LAID_TOGETHER])
