"""What the pool does when a commit fails: lost, done with its answer lost, or refused because of one item.

李医生 and 王护士 write while the database fails; nothing is lost, doubled or reordered.
"""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest
from msgspec.structs import replace

from myelin.append.pool import LogWentBack
from myelin.log.log import ANOTHER_LOG, Head, Log
from myelin.matrix.errors import MatrixError
from tests.cores import LateCommit, lose_answer, lose_commit, overtaken, poison, running_core

pytestmark = pytest.mark.database


def test_a_commit_that_was_lost_is_made_again(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with running_core(database_url, tmp_path) as core:
            doctor, nurse = await core.person("li"), await core.person("wang")
            room_id = await core.room(doctor, nurse)
            core.writer.faults = [lose_commit]
            sent = await asyncio.gather(*(core.say(doctor, room_id, f"text {n}") for n in range(5)))
            assert len(set(sent)) == 5
            assert await core.said() == [f"text {n}" for n in range(5)]

    asyncio.run(story())


def test_a_commit_whose_answer_was_lost_is_not_made_again(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with running_core(database_url, tmp_path) as core:
            doctor, nurse = await core.person("li"), await core.person("wang")
            room_id = await core.room(doctor, nurse)
            core.writer.faults = [lose_answer]
            sent = await asyncio.gather(*(core.say(nurse, room_id, f"text {n}") for n in range(5)))
            entries = {entry.event_id: entry for entry in await core.log()}
            assert [entries[event_id].event.content["body"] for event_id in sent] == [f"text {n}" for n in range(5)]  # type: ignore[union-attr]
            assert await core.said() == [f"text {n}" for n in range(5)]

    asyncio.run(story())


def test_a_commit_that_comes_late_is_not_made_twice(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with running_core(database_url, tmp_path) as core:
            doctor, late = await core.person("li"), LateCommit()
            core.writer.faults = [late.lose, late.arrive]
            # Nothing says that a second room is the first one again: only the entries themselves do.
            room_id = await core.room(doctor)
            rooms = [entry.room_id for entry in await core.log() if entry.event and entry.event.type == "m.room.create"]
            assert rooms == [room_id]

    asyncio.run(story())


def test_who_was_overtaken_twice_is_let_through(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with (
            running_core(database_url, tmp_path / "a") as core,
            running_core(database_url, tmp_path / "b") as other,
        ):
            doctor, nurse = await core.person("li"), await core.person("wang")
            room_id = await core.room(doctor, nurse)
            quick = (f"quick {number}" for number in itertools.count())
            core.writer.faults = [overtaken(lambda: other.say(nurse, room_id, next(quick)))] * 8
            assert await core.say(doctor, room_id, "slow")
            core.writer.faults.clear()
            await core.pool.catch_up()
            assert (await core.said())[:3] == ["quick 0", "quick 1", "slow"]

    asyncio.run(story())


def test_a_log_that_went_back_is_not_followed(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with running_core(database_url, tmp_path) as core:
            doctor = await core.person("li")
            await core.room(doctor)
            own = await core.log()
            # What this process knows as its last entry never was in the restored log; another stands there.
            core.built.memory.start_at(replace(own[-1], leaf=bytes(32)))
            with pytest.raises(LogWentBack):
                await core.pool.catch_up()

    asyncio.run(story())


def test_nothing_is_appended_behind_another_log(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with running_core(database_url, tmp_path) as core:
            doctor = await core.person("li")
            own = await core.log()
            # A standby that had lost the last entry, and has come as far again with another one.
            memory = core.built.memory
            memory.start_at(replace(own[-1], leaf=bytes(32)))
            known = Head(memory.head, memory.leaf(memory.head))
            found = await Log(core.built.reads).append(known, [], None, False)
            assert found == ANOTHER_LOG < memory.head
            memory.start_at(own[-1])
            assert await core.room(doctor)

    asyncio.run(story())


def test_only_the_guilty_item_of_a_batch_fails(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with running_core(database_url, tmp_path) as core:
            doctor, nurse = await core.person("li"), await core.person("wang")
            room_id = await core.room(doctor, nurse)
            core.writer.faults = [poison] * 8
            texts = ["one", "two", "poison", "three"]
            answers = await asyncio.gather(*(core.say(doctor, room_id, text) for text in texts), return_exceptions=True)
            refused = [text for text, answer in zip(texts, answers, strict=True) if isinstance(answer, MatrixError)]
            assert refused == ["poison"]
            assert [answer.status for answer in answers if isinstance(answer, MatrixError)] == [500]
            assert await core.said() == ["one", "two", "three"]

    asyncio.run(story())


@pytest.mark.parametrize("restarted", [False, True], ids=["same process", "after a restart"])
def test_a_retry_gets_the_first_answer(database_url: str, tmp_path: Path, restarted: bool) -> None:
    async def story() -> None:
        async with running_core(database_url, tmp_path) as core:
            doctor = await core.person("li")
            room_id = await core.room(doctor)
            first = await core.say(doctor, room_id, "once", txn_id="t1")
            if not restarted:
                assert await core.say(doctor, room_id, "once", txn_id="t1") == first
        async with running_core(database_url, tmp_path) as core:
            again = await asyncio.gather(*(core.say(doctor, room_id, "once", txn_id="t1") for _ in range(3)))
            assert set(again) == {first}
            assert await core.said() == ["once"]

    asyncio.run(story())


def test_whoever_shares_a_batch_with_a_retry_is_accepted(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with running_core(database_url, tmp_path) as core:
            doctor, nurse = await core.person("li"), await core.person("wang")
            room_id = await core.room(doctor, nurse)
            first = await core.say(doctor, room_id, "said twice")
            again, other = await asyncio.gather(
                core.say(doctor, room_id, "said twice"), core.say(nurse, room_id, "said once")
            )
            assert (again, await core.said()) == (first, ["said twice", "said once"])
            assert other != first

    asyncio.run(story())


def test_two_processes_write_one_log(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with (
            running_core(database_url, tmp_path / "a") as first,
            running_core(database_url, tmp_path / "b") as second,
        ):
            doctor, nurse = await first.person("li"), await first.person("wang")
            room_id = await first.room(doctor, nurse)
            sends = [
                (first if n % 2 else second).say(doctor if n % 3 else nurse, room_id, f"text {n}") for n in range(60)
            ]
            sent = await asyncio.gather(*sends)
            assert len(set(sent)) == 60
            log = await first.log()
            assert [entry.position for entry in log] == list(range(len(log)))
            assert sorted(await first.said()) == sorted(f"text {n}" for n in range(60))
            assert {entry.event_id for entry in log if entry.event_id in sent} == set(sent)
            await first.pool.catch_up()
            await second.pool.catch_up()
            assert first.built.memory.head == second.built.memory.head == log[-1].position
            rooms = [core.built.memory.loaded_room(room_id) for core in (first, second)]
            # One made the room and the other loaded it: only since when they have it may differ.
            mine, theirs = (replace(room, as_of=-1) for room in rooms if room is not None)
            assert mine == theirs

    asyncio.run(story())
