"""Sync: what a device has not seen yet, at once or as soon as it happens, each thing once and in order."""

import asyncio
import json
from typing import Any

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.people import Account, Event, bodies, event_ids, joined, of_type, timeline

STATE_AFTER = ["use_state_after", "org.matrix.msc4222.use_state_after"]


def limit(count: int, **more: Event) -> str:
    return json.dumps({"room": {"timeline": {"limit": count}, **more}})


def names(events: list[Event]) -> list[str]:
    return [event["content"]["name"] for event in of_type(events, "m.room.name")]


async def test_the_first_sync_tells_everything(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, name="查房")
    await wang.say(room, "hello")
    part = joined(await li.sync(), room)
    assert bodies(part["timeline"]["events"]) == ["hello"]
    assert names(part["state"]["events"] + part["timeline"]["events"]) == ["查房"]


async def test_the_next_sync_tells_what_is_new(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await wang.say(room, "old")
    since = await li.position()
    said = [await wang.say(room, f"{number}") for number in range(3)]
    answer = await li.sync(since)
    assert event_ids(timeline(answer, room)) == said
    assert joined(answer, room)["timeline"]["limited"] is False
    assert timeline(await li.sync(answer["next_batch"]), room) == []


async def test_nothing_new_is_answered_at_once_without_a_timeout(wang: Account) -> None:
    since = await wang.position()
    answer = await asyncio.wait_for(wang.sync(since), timeout=5)
    assert "join" not in answer.body.get("rooms", {}) or answer["rooms"]["join"] == {}


async def test_who_waits_is_woken(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    since = await li.position()
    waiting = asyncio.create_task(li.sync(since, timeout_ms=30_000))
    event_id = await wang.say(room, "wake up")
    answer = await asyncio.wait_for(waiting, timeout=10)
    assert event_ids(timeline(answer, room)) == [event_id]


async def test_who_waits_is_woken_by_an_invitation(wang: Account, li: Account) -> None:
    room = await wang.create_room()
    since = await li.position()
    waiting = asyncio.create_task(li.sync(since, timeout_ms=30_000))
    await wang.invite(room, li)
    answer = await asyncio.wait_for(waiting, timeout=10)
    assert room in answer["rooms"]["invite"]


async def test_other_rooms_do_not_wake(wang: Account, li: Account) -> None:
    since = await li.position()
    waiting = asyncio.create_task(li.sync(since, timeout_ms=1_000))
    await wang.say(await wang.create_room(), "not for li")
    assert (await waiting).body.get("rooms", {}).get("join", {}) == {}


async def test_the_same_position_gives_the_same_again(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    since = await li.position()
    said = await wang.say(room, "the answer to this was lost")
    for _ in range(2):
        assert event_ids(timeline(await li.sync(since), room)) == [said]


async def test_a_long_absence_gives_the_newest_and_says_so(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    since = await li.position()
    said = [await wang.say(room, f"{number}") for number in range(6)]
    part = joined(await li.sync(since, filter=limit(2)), room)["timeline"]
    assert (event_ids(part["events"]), part["limited"]) == (said[-2:], True)
    assert part["prev_batch"]


async def test_state_of_the_gap_comes_beside_the_timeline(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, name="early")
    since = await li.position()
    await wang.set_state(room, "m.room.name", {"name": "late"})
    for number in range(3):
        await wang.say(room, f"{number}")
    part = joined(await li.sync(since, filter=limit(2)), room)
    assert names(part["state"]["events"]) == ["late"]


async def test_the_state_is_that_before_the_timeline(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, name="early")
    since = await li.position()
    await wang.set_state(room, "m.room.name", {"name": "late"})
    part = joined(await li.sync(since), room)
    assert names(part["timeline"]["events"]) == ["late"]
    assert names(part.get("state", {}).get("events", [])) == []
    first = joined(await li.sync(filter=limit(1)), room)
    assert names(first["state"]["events"]) == ["early"]


@pytest.mark.parametrize("spelling", STATE_AFTER)
async def test_the_state_after_the_timeline_in_either_spelling(wang: Account, li: Account, spelling: str) -> None:
    room = await wang.create_room(li, name="early")
    since = await li.position()
    await wang.set_state(room, "m.room.name", {"name": "late"})
    wish: dict[str, Any] = {spelling: "true"}
    part = joined(await li.sync(since, **wish), room)
    # Answered in the name that was asked for, and never beside the other form.
    asked = spelling.replace("use_", "")
    assert names(part[asked]["events"]) == ["late"]
    assert not {"state", "state_after", "org.matrix.msc4222.state_after"} - {asked} & set(part)


async def test_an_invitation_a_join_and_a_leave_follow_each_other(wang: Account, li: Account) -> None:
    room = await wang.create_room()
    since = await li.position()
    await wang.invite(room, li)
    invited = await li.sync(since)
    assert room in invited["rooms"]["invite"]
    await li.join(room)
    in_it = await li.sync(invited["next_batch"])
    assert room in in_it["rooms"]["join"]
    assert room not in in_it["rooms"].get("invite", {})
    await li.leave(room)
    left = await li.sync(in_it["next_batch"])
    events = left["rooms"]["leave"][room]["timeline"]["events"]
    assert [event["content"]["membership"] for event in of_type(events, "m.room.member")] == ["leave"]


async def test_who_joins_sees_the_whole_state(wang: Account, li: Account) -> None:
    room = await wang.create_room(name="查房")
    for number in range(15):
        await wang.say(room, f"{number}")
    since = await li.position()
    await wang.invite(room, li)
    await li.join(room)
    part = joined(await li.sync(since, filter=limit(5)), room)
    everything = part["state"]["events"] + part["timeline"]["events"]
    assert names(everything) == ["查房"]
    assert {"m.room.create", "m.room.power_levels", "m.room.join_rules"} <= {event["type"] for event in everything}


async def test_who_left_hears_the_last_words_before(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    since = await li.position()
    await wang.say(room, "before")
    await wang.call("kick", roomId=room, body={"user_id": li.user_id})
    await wang.say(room, "after")
    events = (await li.sync(since))["rooms"]["leave"][room]["timeline"]["events"]
    assert bodies(events) == ["before"]


async def test_events_carry_their_age(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await wang.say(room, "when")
    (event,) = of_type(timeline(await li.sync(), room), "m.room.message")
    assert 0 <= event["unsigned"]["age"] < 60_000


async def test_a_changed_member_event_shows_what_was_before(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    since = await li.position()
    await wang.set_state(room, "m.room.name", {"name": "one"})
    await wang.set_state(room, "m.room.name", {"name": "two"})
    *_, event = timeline(await li.sync(since), room)
    assert event["unsigned"]["prev_content"] == {"name": "one"}


async def test_a_full_state_on_request(wang: Account) -> None:
    room = await wang.create_room(name="查房")
    since = await wang.position()
    part = joined(await wang.sync(since, full_state="true"), room)
    assert names(part["state"]["events"]) == ["查房"]


async def test_ignored_people_are_silent(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    place = {"userId": li.user_id, "type": "m.ignored_user_list"}
    await li.call("setAccountData", **place, body={"ignored_users": {wang.user_id: {}}})
    since = await li.position()
    await wang.say(room, "unheard")
    assert bodies(timeline(await li.sync(since), room)) == []
    other = await wang.create_room()
    await wang.invite(other, li)
    assert other not in (await li.sync(since)).body.get("rooms", {}).get("invite", {})


async def test_a_malformed_position_is_refused(wang: Account) -> None:
    for since in ("never-given-out", "1.2.3"):
        await wang.call("sync", query={"since": since, "timeout": 0}, expect=(400, "M_INVALID_PARAM"))


async def test_a_sync_needs_a_living_session(server: Homeserver, wang: Account) -> None:
    await server.call("sync", query={"timeout": 0}, expect=(401, "M_MISSING_TOKEN"))
    await wang.call("logout")
    await wang.call("sync", query={"timeout": 0}, expect=(401, "M_UNKNOWN_TOKEN"))


async def test_another_devices_position_misses_nothing(server: Homeserver, wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    said = await wang.say(room, "old")
    phone = await server.login(li)
    foreign = await li.position()
    answer = await phone.sync(foreign)
    # Answered as a first sync: whoever comes with a position that is not theirs gets everything.
    assert said in event_ids(timeline(answer, room))
