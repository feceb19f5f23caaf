"""Keeps the rooms of the directory as the directory has them, one bulk proposal for each change.

What is left to do is what the projections say (people, posts, device keys, memberships), so a crash anywhere loses
nothing: the next start, of any process, goes on. Two processes may both try; the second finds that it is done.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from myelin.actions.directory_membership import (
    Announcements,
    follow_directory,
    keep_announcements,
    name_room,
    open_department_room,
)
from myelin.actions.servers_hand import make_hand
from myelin.append.proposal import Proposal
from myelin.entries import facts as kinds
from myelin.entries.entry import Entry
from myelin.matrix.errors import LimitExceeded, MatrixError, ResourceUnavailable
from myelin.matrix.room_versions import RoomVersion
from myelin.schema.connections import DATABASE_FAULTS

PEOPLE_AT_ONCE = 500
# Each change takes half a millisecond of the batch that it is in, and somebody may wait for that.
AT_ONCE = 20
RETRY_AFTER_S = 10
# An import changes thousands of people one after the other: each pass takes what came meanwhile.
PAUSE_S = 0.2
DEPARTMENT_KINDS = (kinds.DepartmentSet, kinds.DepartmentRemoved)
POST_KINDS = (kinds.PersonSet, kinds.PersonRemoved)

Submit = Callable[[Proposal[None]], Awaitable[None]]
People = frozenset[str] | None
Item = TypeVar("Item")

logger = logging.getLogger(__name__)


class Remaining(Protocol):
    """What is left to do, as the projections say."""

    async def departments_without_room(self) -> Sequence[tuple[str, str]]: ...
    async def misnamed_rooms(self) -> Sequence[tuple[str, str]]: ...
    async def everybody(self) -> Sequence[str]: ...
    async def moves(self, people: Sequence[str], announcements: bool) -> Sequence[tuple[str, str]]: ...


class DirectoryRooms:
    """Follows the directory: at the start, and whenever it changes or a device publishes its keys.

    `announcements` is None where the site wants no room of everybody.
    """

    def __init__(self, remaining: Remaining, announcements: Announcements | None, version: RoomVersion) -> None:
        self._remaining = remaining
        self._announcements = announcements
        self._version = version
        self._wanted = asyncio.Event()
        self._wanted.set()
        self._people: set[str] = set()
        self._everybody = True
        self._rooms_too = True
        self._names_too = True

    def published(self, entries: Sequence[Entry]) -> None:
        """Take note of what changed, here or by another process."""
        for entry in entries:
            facts = entry.facts
            if isinstance(facts, DEPARTMENT_KINDS):
                self._want(everybody=True, rooms_too=True, names_too=True)
            elif isinstance(facts, POST_KINDS):
                self._want(entry.sender, rooms_too=True)
            elif isinstance(facts, kinds.DeviceKeysSet):
                self._want(entry.sender)

    async def run(self, submit: Submit) -> None:
        """Follow the directory, for ever."""
        while True:
            await self._wanted.wait()
            people, rooms_too, names_too = self._take()
            try:
                await self.follow(submit, people, rooms_too, names_too)
                await asyncio.sleep(PAUSE_S)
            except (LimitExceeded, ResourceUnavailable, *DATABASE_FAULTS) as fault:
                logger.warning("the directory's rooms are behind (%s); trying again", type(fault).__name__)
                await asyncio.sleep(RETRY_AFTER_S)
                self._want(everybody=True, rooms_too=True, names_too=True)

    async def follow(
        self, submit: Submit, people: People = None, rooms_too: bool = True, names_too: bool = True
    ) -> None:
        """Bring the rooms up to date, and these people (None: everybody) in and out of them.

        `names_too`: rooms may be called otherwise than their departments, which only a department can bring about.
        """
        everybody = await self._remaining.everybody() if rooms_too or people is None else ()
        if rooms_too and everybody and await self._bring_rooms_up_to_date(submit, names_too):
            people = None
        for some in parts(everybody if people is None else sorted(people), PEOPLE_AT_ONCE):
            moves = await self._remaining.moves(some, self._announcements is not None)
            proposals = [follow_directory(user_id, room_id) for user_id, room_id in moves]
            for together in parts(proposals, AT_ONCE):
                await asyncio.gather(*(carry_out(submit, each) for each in together))

    async def _bring_rooms_up_to_date(self, submit: Submit, names_too: bool) -> bool:
        """Make and name rooms; return whether any is new, and so may lack people who did not change."""
        # Alone and first: a turn cannot look up an account that its own batch makes.
        await submit(make_hand())
        without = await self._remaining.departments_without_room()
        for department_id, name in without:
            await carry_out(submit, open_department_room(department_id, name, self._version))
        for room_id, name in await self._remaining.misnamed_rooms() if names_too else ():
            await carry_out(submit, name_room(room_id, name))
        if self._announcements is not None:
            await carry_out(submit, keep_announcements(self._announcements, self._version))
        return bool(without)

    def _want(
        self,
        user_id: str | None = None,
        *,
        everybody: bool = False,
        rooms_too: bool = False,
        names_too: bool = False,
    ) -> None:
        self._people.update(filter(None, (user_id,)))
        self._everybody = self._everybody or everybody
        self._rooms_too = self._rooms_too or rooms_too
        self._names_too = self._names_too or names_too
        self._wanted.set()

    def _take(self) -> tuple[People, bool, bool]:
        people = None if self._everybody else frozenset(self._people)
        rooms_too, names_too = self._rooms_too, self._names_too
        self._wanted.clear()
        self._people.clear()
        self._everybody = self._rooms_too = self._names_too = False
        return people, rooms_too, names_too


def parts(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Yield the items, so many at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))


async def carry_out(submit: Submit, proposal: Proposal[None]) -> None:
    """Have one change happen; what the rules of a room refuse stays as it is, and the rest goes on."""
    try:
        await submit(proposal)
    except (LimitExceeded, ResourceUnavailable):
        raise
    except MatrixError as refusal:
        logger.warning("a room does not follow the directory: %s", refusal.errcode)
