"""What the rooms of the directory ask for when it changes: names only where a department did."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from myelin.actions import directory_rooms
from myelin.actions.directory_rooms import DirectoryRooms
from myelin.append.proposal import Proposal
from myelin.entries.entry import Draft, Entry, seal
from myelin.entries.facts import AnyFacts, DepartmentSet, PersonRemoved
from myelin.matrix.room_versions import DEFAULT_ROOM_VERSION, room_version

SALT = bytes(32)
PERSON = "@e1:hospital.test"


class Remaining:
    """Nothing is ever left to do; notes what was asked, until each pass is over."""

    def __init__(self) -> None:
        self.names_asked = 0
        self.passes: asyncio.Queue[int] = asyncio.Queue()

    async def departments_without_room(self) -> Sequence[tuple[str, str]]:
        return ()

    async def misnamed_rooms(self) -> Sequence[tuple[str, str]]:
        self.names_asked += 1
        return ()

    async def everybody(self) -> Sequence[str]:
        return (PERSON,)

    async def moves(self, people: Sequence[str], announcements: bool) -> Sequence[tuple[str, str]]:
        self.passes.put_nowait(self.names_asked)
        return ()


async def submit(_proposal: Proposal[None]) -> None:
    """Stands for the pool."""


def entry(facts: AnyFacts) -> Entry:
    return seal(Draft(facts=facts, sender=PERSON), 1, 0, SALT)


async def test_names_are_looked_at_at_the_start_and_after_departments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory_rooms, "PAUSE_S", 0)
    remaining = Remaining()
    rooms = DirectoryRooms(remaining, None, room_version(DEFAULT_ROOM_VERSION))
    task = asyncio.create_task(rooms.run(submit))
    assert await remaining.passes.get() == 1
    rooms.published([entry(PersonRemoved(0))])
    assert await remaining.passes.get() == 1
    rooms.published([entry(DepartmentSet("d1", None, 0))])
    assert await remaining.passes.get() == 2
    task.cancel()
