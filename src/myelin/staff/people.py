"""The index of everybody who can be looked up, kept current by the log.

What an entry changes is only noted as it is published; it is read when somebody looks next, from the projections that
were written with it. So a search sees what was answered before it, and an import nobody watches costs a set of names.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from itertools import islice

from myelin.entries import facts as kinds
from myelin.entries.entry import Entry
from myelin.projections.directory import Department, DirectoryReader
from myelin.projections.known_people import KnownPeople
from myelin.staff.index import PeopleIndex
from myelin.staff.spelling import Spelling

# So many take some ten milliseconds; between two readings others have their turn.
READ_TOGETHER = 100
OF_DEPARTMENTS = (kinds.DepartmentSet, kinds.DepartmentRemoved)
OF_PEOPLE = (
    kinds.AccountCreated,
    kinds.AccountDeactivated,
    kinds.PersonSet,
    kinds.PersonRemoved,
    kinds.ProfileSet,
)


class People:
    """Everybody who can be looked up."""

    def __init__(self, known_people: KnownPeople, directory: DirectoryReader) -> None:
        self._known_people = known_people
        self._directory = directory
        self._spelling = Spelling()
        self._index = PeopleIndex(self._spelling)
        self._begun = False
        self._tree_is_stale = True
        self._stale: set[str] = set()
        self._reading = asyncio.Lock()

    def published(self, entries: Sequence[Entry]) -> None:
        """Note what is called otherwise, and whose name, post or account changes."""
        for entry in entries:
            if isinstance(entry.facts, OF_DEPARTMENTS):
                self._tree_is_stale = True
            # Before the first search everybody is unread anyway.
            elif self._begun and isinstance(entry.facts, OF_PEOPLE) and entry.sender is not None:
                self._stale.add(entry.sender)

    async def departments(self) -> Mapping[str, Department]:
        """Return the departments by their ids, each after its parent; nobody is read for that."""
        if self._tree_is_stale:
            async with self._reading:
                while self._tree_is_stale:
                    await self._read_tree()
        return self._index.departments

    async def current(self) -> PeopleIndex:
        """Return the index with all that was published before; it may be used until the next wait."""
        if not self._begun or self._tree_is_stale or self._stale:
            async with self._reading:
                await self._read_what_is_stale()
        return self._index

    async def _read_what_is_stale(self) -> None:
        if not self._begun:
            await asyncio.to_thread(self._spelling.load)
            # From here on changes are noted, so none falls between the list and what is read.
            self._begun = True
            try:
                self._stale.update(await self._known_people.user_ids())
            except BaseException:
                self._begun = False
                raise
        while self._tree_is_stale or self._stale:
            if self._tree_is_stale:
                await self._read_tree()
            await self._read_some()

    async def _read_tree(self) -> None:
        self._tree_is_stale = False
        try:
            departments = await self._directory.departments()
        except BaseException:
            self._tree_is_stale = True
            raise
        self._stale |= self._index.set_departments({each.department_id: each for each in departments})

    async def _read_some(self) -> None:
        """Read a few again; whoever changes while they are read is stale once more."""
        some = frozenset(islice(self._stale, READ_TOGETHER))
        self._stale -= some
        try:
            found = await self._known_people.known(some, self._index.departments)
        except BaseException:
            self._stale |= some
            raise
        for user_id in some.difference(known.user_id for known in found):
            self._index.drop(user_id)
        for known in found:
            self._index.put(known)
