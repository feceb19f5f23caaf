"""What belongs to a person, where things go wrong: two devices at once, a process that ends in between."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from myelin.actions.account_data import AccountDataChanges, Place, set_account_data
from myelin.actions.profile import set_profile_field, spread_profile
from myelin.actions.profile_spread import ProfileSpread
from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.room_events import NewEvent
from myelin.matrix.json import JsonObject
from myelin.projections.account_data import AccountDataReader
from myelin.projections.profiles import ProfileReader
from tests.cores import Core, running_core

pytestmark = pytest.mark.database


async def name_in(core: Core, room_id: str, person: Sender) -> object:
    """Return the name that a room shows, as a new process would read it."""
    core.built.memory.forget()
    room = await core.built.loading.room(room_id)
    assert room is not None
    event_id = room.members[person.user_id].event_id
    (entry,) = [each for each in await core.log() if each.event_id == event_id]
    assert entry.event is not None
    return entry.event.content.get("displayname")


def test_a_new_name_reaches_the_rooms_though_the_process_ends_first(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with running_core(database_url, tmp_path) as core:
            wang, li = await core.person("wang"), await core.person("li")
            rooms = [await core.room(wang, li) for _ in range(3)]
            # The name is recorded, and the process ends before any room has heard of it.
            await core.pool.submit(set_profile_field(wang, "displayname", "Wang"))
            await core.pool.submit(spread_profile(wang.user_id, rooms[0], "$unknown"))
            assert [await name_in(core, room, wang) for room in rooms] == ["Wang", None, None]
        async with running_core(database_url, tmp_path) as core:
            spread = ProfileSpread(core.pool.submit, ProfileReader(core.built.reads).rooms_behind)
            await spread.spread(None)
            assert [await name_in(core, room, wang) for room in rooms] == ["Wang"] * 3
            assert await name_in(core, rooms[0], li) is None
            head = core.built.memory.head
            await spread.spread(None)
            assert core.built.memory.head == head

    asyncio.run(story())


def test_a_name_of_ones_own_in_one_room_stays(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with running_core(database_url, tmp_path) as core:
            wang = await core.person("wang")
            room = await core.room(wang)
            await core.pool.submit(set_profile_field(wang, "displayname", "Wang"))
            await ProfileSpread(core.pool.submit, ProfileReader(core.built.reads).rooms_behind).spread([wang.user_id])
            content: JsonObject = {"membership": "join", "displayname": "On call", "org.example.kept": True}
            new = NewEvent(type="m.room.member", sender=wang.user_id, content=content, state_key=wang.user_id)
            await core.pool.submit(Proposal(lambda turn: turn.send(room, new)))
            spread = ProfileSpread(core.pool.submit, ProfileReader(core.built.reads).rooms_behind)
            await spread.spread(None)
            assert await name_in(core, room, wang) == "On call"
            await core.pool.submit(set_profile_field(wang, "displayname", None))
            await spread.spread([wang.user_id])
            assert await name_in(core, room, wang) is None

    asyncio.run(story())


def test_two_devices_that_tag_at_once_keep_both_tags(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with running_core(database_url, tmp_path) as core:
            wang = await core.person("wang")
            reader = AccountDataReader(core.built.reads)
            changes, place = AccountDataChanges(core.pool, reader.read), Place("m.tag", "!ward:hospital.test")

            def tagged(tag: str) -> asyncio.Future[None]:
                def changed(content: JsonObject | None) -> JsonObject:
                    return {**(content or {}), tag: True}

                return asyncio.ensure_future(changes.change(wang, place, changed))

            await core.pool.submit(set_account_data(wang, place, {"before": True}))
            await asyncio.gather(*(tagged(f"u.{number}") for number in range(5)))
            content = await reader.content(wang.user_id, place.room_id or "", place.type)
            assert content == {"before": True, **{f"u.{number}": True for number in range(5)}}

    asyncio.run(story())
