"""The rooms of the directory have those in them whom the directory wants there, whatever happens in which order."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from myelin.actions.directory import set_departments, set_person
from myelin.actions.directory_rooms import DirectoryRooms
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.audit.check import check_log
from myelin.audit.rebuild import rebuild_projections
from myelin.entries import facts as kinds
from myelin.entries.directory_plan import PersonBody, PlannedDepartment, PlannedPerson
from myelin.entries.entry import Draft
from myelin.matrix.errors import Forbidden
from myelin.state.designations import ANNOUNCEMENTS, of_department
from myelin.state.room import Room
from tests.cores import Core, running_core

pytestmark = [pytest.mark.database, pytest.mark.anyio]

HAND = "@_myelin:hospital.test"
WANG, LI, CHEN = (f"@{number}:hospital.test" for number in ("1001", "1002", "1003"))
CARDIOLOGY, ICU = "d1", "d2"


class Hospital:
    """A hospital whose directory a test changes; `plan` counts the plans."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.plan = 0
        self.rooms: DirectoryRooms = core.built.directory_rooms

    async def departments(self, **names: str) -> None:
        self.plan += 1
        planned = [PlannedDepartment(department_id, None, name) for department_id, name in names.items()]
        await self.core.pool.submit(set_departments(planned, self.plan))

    async def person(self, user_id: str, *departments: str) -> None:
        self.plan += 1
        number = user_id[1:].partition(":")[0]
        planned = PlannedPerson(
            user_id=user_id,
            body=PersonBody(number, "示例", "护士"),
            department_id=departments[0],
            further=departments[1:],
            profession="护",
            display_name=f"科室-护士-{number}",
        )
        await self.core.pool.submit(set_person(planned, self.plan))

    async def signs_in(self, user_id: str, device_id: str = "BED1") -> None:
        """A first device with its keys."""
        await self.emit(kinds.DeviceAdded("m.login.password"), user_id, device_id)
        await self.emit(kinds.DeviceKeysSet(), user_id, device_id)

    async def emit(self, facts: kinds.AnyFacts, user_id: str, device_id: str | None = None) -> None:
        draft = Draft(facts=facts, sender=user_id, device_id=device_id, body=b"{}")
        await self.core.pool.submit(emitted(draft))

    async def follow(self) -> None:
        await self.rooms.follow(self.core.pool.submit)

    async def room(self, designation: str) -> Room:
        room_id = await self.core.pool.submit(Proposal(lambda turn: turn.designated_room(designation)))
        assert room_id is not None
        room = await self.core.built.loading.room(room_id)
        assert room is not None
        return room

    async def joined(self, designation: str) -> set[str]:
        return set((await self.room(designation)).joined()) - {HAND}


def emitted(draft: Draft) -> Proposal[None]:
    def propose(turn: Turn) -> None:
        turn.emit(draft)

    return Proposal(propose)


async def in_a_hospital(database_url: str, folder: Path, story: Callable[[Hospital], Awaitable[None]]) -> None:
    async with running_core(database_url, folder) as core:
        hospital = Hospital(core)
        await hospital.departments(**{CARDIOLOGY: "心内科", ICU: "重症医学科"})
        await story(hospital)
    assert [str(fault) for fault in (await check_log(database_url)).faults] == []
    assert (await rebuild_projections(database_url)).differences == ()


async def test_membership_follows_keys_and_posts(database_url: str, tmp_path: Path) -> None:
    async def story(hospital: Hospital) -> None:
        await hospital.person(WANG, CARDIOLOGY)
        await hospital.follow()
        assert await hospital.joined(of_department(CARDIOLOGY)) == set()
        assert await hospital.joined(ANNOUNCEMENTS) == {WANG}
        await hospital.signs_in(WANG)
        await hospital.follow()
        assert await hospital.joined(of_department(CARDIOLOGY)) == {WANG}
        await hospital.person(WANG, ICU)
        await hospital.follow()
        assert await hospital.joined(of_department(CARDIOLOGY)) == set()
        assert await hospital.joined(of_department(ICU)) == {WANG}
        await hospital.emit(kinds.PersonRemoved(99), WANG)
        await hospital.follow()
        assert await hospital.joined(of_department(ICU)) == set()
        assert await hospital.joined(ANNOUNCEMENTS) == set()

    await in_a_hospital(database_url, tmp_path, story)
