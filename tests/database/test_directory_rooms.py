"""The rooms of the directory have those in them whom the directory wants there, whatever happens in which order."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from myelin.actions.accounts import deactivate_account
from myelin.actions.directory import set_departments, set_person
from myelin.actions.directory_membership import Announcements, keep_announcements
from myelin.actions.directory_rooms import DirectoryRooms
from myelin.actions.members import leave
from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.audit.check import check_log
from myelin.audit.rebuild import rebuild_projections
from myelin.entries import facts as kinds
from myelin.entries.directory_plan import PersonBody, PlannedDepartment, PlannedPerson
from myelin.entries.entry import Draft
from myelin.matrix.errors import Forbidden
from myelin.matrix.room_versions import room_version
from myelin.projections.directory_rooms import RemainingDirectoryRooms
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
        """Bring all rooms up to date, whatever the worker that runs beside it has done already."""
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


async def test_a_room_is_named_after_its_department(database_url: str, tmp_path: Path) -> None:
    async def story(hospital: Hospital) -> None:
        await hospital.person(WANG, CARDIOLOGY)
        await hospital.follow()
        room = await hospital.room(of_department(CARDIOLOGY))
        await hospital.departments(**{CARDIOLOGY: "心血管内科"})
        await hospital.follow()
        named = (await hospital.room(of_department(CARDIOLOGY))).state[("m.room.name", "")]
        assert named != room.state[("m.room.name", "")]
        await hospital.departments(**{CARDIOLOGY: "心血管内科"})
        await hospital.follow()
        assert (await hospital.room(of_department(CARDIOLOGY))).state[("m.room.name", "")] == named

    await in_a_hospital(database_url, tmp_path, story)


async def test_nothing_is_left_to_do_when_all_is_done(database_url: str, tmp_path: Path) -> None:
    async def story(hospital: Hospital) -> None:
        for user_id in (WANG, LI, CHEN):
            await hospital.person(user_id, CARDIOLOGY, ICU)
            await hospital.signs_in(user_id)
        await hospital.follow()
        remaining = RemainingDirectoryRooms(hospital.core.built.reads)
        assert await remaining.moves(await remaining.everybody(), announcements=True) == []
        assert await remaining.misnamed_rooms() == []
        assert await remaining.departments_without_room() == []
        head = hospital.core.built.memory.head
        await hospital.follow()
        assert hospital.core.built.memory.head == head

    await in_a_hospital(database_url, tmp_path, story)


async def test_two_processes_make_each_room_and_each_move_once(database_url: str, tmp_path: Path) -> None:
    async with (
        running_core(database_url, tmp_path / "a") as core,
        running_core(database_url, tmp_path / "b") as other,
    ):
        hospital = Hospital(core)
        await hospital.departments(**{CARDIOLOGY: "心内科", ICU: "重症医学科"})
        for user_id in (WANG, LI, CHEN):
            await hospital.person(user_id, CARDIOLOGY, ICU)
            await hospital.signs_in(user_id)
        await asyncio.gather(*(each.built.directory_rooms.follow(each.pool.submit) for each in (core, other)))
        await core.pool.catch_up()
        created = [entry for entry in await core.log() if entry.event and entry.event.type == "m.room.create"]
        joins = [entry.event.state_key for entry in await core.log() if entry.event and entry.event.membership]
        assert len(created) == 3
        assert sorted(map(str, joins)) == sorted([HAND, WANG, LI, CHEN] * 3)
        assert sum(isinstance(entry.facts, kinds.AccountCreated) for entry in await core.log()) == 4
    assert [str(fault) for fault in (await check_log(database_url)).faults] == []


async def test_the_next_process_goes_on_where_one_died(database_url: str, tmp_path: Path) -> None:
    async def story(hospital: Hospital) -> None:
        await hospital.person(WANG, CARDIOLOGY)
        await hospital.signs_in(WANG)

    await in_a_hospital(database_url, tmp_path, story)
    async with running_core(database_url, tmp_path) as core:
        hospital = Hospital(core)
        await hospital.follow()
        assert await hospital.joined(of_department(CARDIOLOGY)) == {WANG}


async def test_whoever_writes_to_everybody_follows_the_setting(database_url: str, tmp_path: Path) -> None:
    async def story(hospital: Hospital) -> None:
        await hospital.person(WANG, CARDIOLOGY)
        await hospital.follow()
        version = room_version("12")
        await hospital.core.pool.submit(keep_announcements(Announcements("公告", frozenset({WANG})), version))
        room = await hospital.room(ANNOUNCEMENTS)
        assert room.power_levels.user_level(WANG) == room.power_levels.required_for("m.room.message", False) == 50
        assert room.power_levels.user_level(LI) == 0
        assert not room.encrypted
        assert not room.shares_devices
        await hospital.core.pool.submit(keep_announcements(Announcements("公告"), version))
        assert (await hospital.room(ANNOUNCEMENTS)).power_levels.user_level(WANG) == 0

    await in_a_hospital(database_url, tmp_path, story)


async def test_closed_accounts_leave_the_rooms_that_nobody_else_can(database_url: str, tmp_path: Path) -> None:
    async def story(hospital: Hospital) -> None:
        await hospital.person(WANG, CARDIOLOGY)
        await hospital.follow()
        with pytest.raises(Forbidden):
            await hospital.core.pool.submit(leave(Sender(WANG, "BED1"), (await hospital.room(ANNOUNCEMENTS)).room_id))
        await hospital.core.pool.submit(deactivate_account(WANG, erase=False))
        await hospital.core.built.departures.leave_all(hospital.core.pool.submit)
        assert await hospital.joined(ANNOUNCEMENTS) == set()

    await in_a_hospital(database_url, tmp_path, story)


async def test_a_lost_database_only_delays(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("myelin.actions.directory_rooms.RETRY_AFTER_S", 0.0)

    class Away:
        """Projections that do not answer once."""

        def __init__(self, reads: asyncpg.Pool) -> None:
            self._remaining = RemainingDirectoryRooms(reads)
            self._faults = [ConnectionResetError()]

        async def everybody(self) -> Sequence[str]:
            for fault in [self._faults.pop() for _ in self._faults]:
                raise fault
            return await self._remaining.everybody()

        def __getattr__(self, name: str) -> Any:
            return getattr(self._remaining, name)

    async def story(hospital: Hospital) -> None:
        away = Away(hospital.core.built.reads)
        rooms = DirectoryRooms(away, Announcements("公告"), room_version("12"))
        await hospital.person(WANG, CARDIOLOGY)
        done = asyncio.Event()

        async def submit(proposal: Proposal[None]) -> None:
            await hospital.core.pool.submit(proposal)
            done.set()

        running = asyncio.create_task(rooms.run(submit))
        await asyncio.wait_for(done.wait(), 10)
        running.cancel()

    await in_a_hospital(database_url, tmp_path, story)
