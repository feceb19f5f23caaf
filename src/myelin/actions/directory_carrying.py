"""Carries out plans of the directory, behind everybody else's work.

What waits is what the projections say, and each step does nothing a second time: a process that dies leaves the rest
to the next one. Only one process carries at a time, whichever has the claim; the plans of one log come in their order.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from myelin.actions.directory import finish_plan, let_go, remove_departments, set_departments, set_person
from myelin.append.proposal import Proposal
from myelin.entries.directory_plan import DirectoryPlan
from myelin.entries.entry import Entry
from myelin.entries.facts import DirectoryCarriedOut, DirectoryPlanned
from myelin.matrix.errors import MatrixError
from myelin.schema.connections import DATABASE_FAULTS

AT_ONCE = 50
LOADED_TOGETHER = 5
DEPARTMENTS_TOGETHER = 10
LOOK_AGAIN_S = 1.0

Item = TypeVar("Item")

logger = logging.getLogger(__name__)


class Claim(Protocol):
    """The right to carry out plans. `check` raises where it is lost."""

    async def check(self) -> None: ...


class Plans(Protocol):
    """What waits, and who may do it. The claim is free again when its holder dies."""

    async def waiting_plans(self) -> Sequence[int]: ...
    async def plan(self, position: int) -> DirectoryPlan: ...
    async def done(self, plan: int) -> frozenset[str]: ...
    def claim(self) -> AbstractAsyncContextManager[Claim | None]: ...


class DirectoryCarrying:
    """Carries out whatever waits.

    `load` brings a person into memory, `spread` people's names to their rooms, `depart` closed accounts out of theirs.
    """

    def __init__(
        self,
        plans: Plans,
        submit: Callable[[Proposal[None]], Awaitable[Any]],
        load: Callable[[str], Awaitable[object]],
        spread: Callable[[Sequence[str]], Awaitable[None]],
        depart: Callable[[], Awaitable[None]],
    ) -> None:
        self._plans = plans
        self._submit = submit
        self._load = load
        self._spread = spread
        self._depart = depart
        self._changed = asyncio.Event()
        self._changed.set()
        self._carried = asyncio.Event()

    def published(self, entries: Sequence[Entry]) -> None:
        """Take note of plans that were made or carried out, here or by another process."""
        for entry in entries:
            if isinstance(entry.facts, DirectoryPlanned):
                self._changed.set()
            elif isinstance(entry.facts, DirectoryCarriedOut):
                self._carried.set()

    async def run(self) -> None:
        """Carry out what waits, for ever."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                is_done = await self._carry_all()
            except (MatrixError, *DATABASE_FAULTS) as fault:
                # Also where a change is refused for good: what stops the directory must not stop the server.
                logger.warning("the directory waits to be carried out: %s", type(fault).__name__)
                is_done = False
            if not is_done:
                # Another process has the claim, and may die with it; or the database is away.
                await asyncio.sleep(LOOK_AGAIN_S)
                self._changed.set()

    async def settled(self) -> None:
        """Wait until nothing waits any more, whoever carries it out."""
        while True:
            # Before the question: what is carried out meanwhile ends the waiting.
            self._carried.clear()
            if not await self._plans.waiting_plans():
                return
            await self._carried.wait()

    async def _carry_all(self) -> bool:
        if not await self._plans.waiting_plans():
            return True
        async with self._plans.claim() as claim:
            if claim is not None:
                for position in await self._plans.waiting_plans():
                    await self._carry(position, claim)
            return claim is not None

    async def _carry(self, position: int, claim: Claim) -> None:
        """Carry out one plan: what it makes before who is in it, and names in rooms before it counts as done."""
        plan, done = await self._plans.plan(position), await self._plans.done(position)
        made = [department for department in plan.departments if department.department_id not in done]
        gone = [department_id for department_id in plan.removed_departments if department_id not in done]
        people = [person for person in plan.people if person.user_id not in done]
        await self._all(claim, (set_departments(some, position) for some in slices(made, DEPARTMENTS_TOGETHER)))
        await self._all(claim, (set_person(person, position) for person in people if person.is_new))
        known = {person.user_id: set_person(person, position) for person in people if not person.is_new}
        await self._all_known(claim, known)
        await self._all_known(claim, {user_id: let_go(user_id, position) for user_id in plan.leaving})
        await self._all(claim, (remove_departments(some, position) for some in slices(gone, DEPARTMENTS_TOGETHER)))
        await self._spread([person.user_id for person in plan.people])
        if plan.leaving:
            await self._depart()
        await claim.check()
        await self._submit(finish_plan(position))

    async def _all_known(self, claim: Claim, proposals: Mapping[str, Proposal[None]]) -> None:
        for some in slices(list(proposals), AT_ONCE):
            # Beside the pool: a batch that had to load them one by one would keep everybody waiting.
            for together in slices(some, LOADED_TOGETHER):
                await asyncio.gather(*map(self._load, together))
            await self._all(claim, (proposals[user_id] for user_id in some))

    async def _all(self, claim: Claim, proposals: Iterable[Proposal[None]]) -> None:
        for some in slices(list(proposals), AT_ONCE):
            await claim.check()
            await asyncio.gather(*map(self._submit, some))


def slices(items: Sequence[Item], count: int) -> Iterator[Sequence[Item]]:
    """Yield the items, so many at a time."""
    return (items[start : start + count] for start in range(0, len(items), count))
