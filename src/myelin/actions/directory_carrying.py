"""Carries out plans of the directory, behind everybody else's work.

What waits is what the projections say, and each step does nothing a second time: a process that dies leaves the rest
to the next one. Only one process carries at a time, whichever has the claim; the plans of one log come in their order.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import msgspec

from myelin.actions.directory import finish_plan, let_go, remove_departments, set_departments, set_person
from myelin.append.proposal import Proposal
from myelin.entries.directory_plan import DirectoryPlan
from myelin.entries.entry import Entry
from myelin.entries.facts import DirectoryCarriedOut, DirectoryPlanned
from myelin.matrix.errors import LimitExceeded, ResourceUnavailable
from myelin.schema.connections import DATABASE_FAULTS

AT_ONCE = 50
LOOK_AGAIN_S = 1.0

logger = logging.getLogger(__name__)
_plan = msgspec.json.Decoder(DirectoryPlan)


class Plans(Protocol):
    """What waits, and who may do it. The claim is free again when its holder dies."""

    async def waiting_plans(self) -> Sequence[Entry]: ...
    async def done_people(self, plan: int) -> frozenset[str]: ...
    def claim(self) -> AbstractAsyncContextManager[bool]: ...


class DirectoryCarrying:
    """Carries out whatever waits; `spread` brings people's names to their rooms, `depart` empties closed accounts'."""

    def __init__(
        self,
        plans: Plans,
        submit: Callable[[Proposal[None]], Awaitable[Any]],
        spread: Callable[[Sequence[str]], Awaitable[None]],
        depart: Callable[[], Awaitable[None]],
    ) -> None:
        self._plans = plans
        self._submit = submit
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
            except (LimitExceeded, ResourceUnavailable, *DATABASE_FAULTS) as fault:
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
        async with self._plans.claim() as is_ours:
            if is_ours:
                for entry in await self._plans.waiting_plans():
                    await self._carry(entry)
            return is_ours

    async def _carry(self, entry: Entry) -> None:
        """Carry out one plan: what it makes before who is in it, and names in rooms before it counts as done."""
        assert entry.body is not None
        plan, position = _plan.decode(entry.body), entry.position
        await self._submit(set_departments(plan.departments, position))
        done = await self._plans.done_people(position)
        await self._all(set_person(person, position) for person in plan.people if person.user_id not in done)
        await self._all(let_go(user_id, position) for user_id in plan.leaving)
        await self._submit(remove_departments(plan.removed_departments, position))
        await self._spread([person.user_id for person in plan.people])
        if plan.leaving:
            await self._depart()
        await self._submit(finish_plan(position))

    async def _all(self, proposals: Iterable[Proposal[None]]) -> None:
        waiting = list(proposals)
        for start in range(0, len(waiting), AT_ONCE):
            await asyncio.gather(*map(self._submit, waiting[start : start + AT_ONCE]))
