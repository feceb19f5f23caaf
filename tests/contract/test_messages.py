"""Reading the past: pages of messages, one event, and the context around it."""

import json
from typing import Any

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.people import Account, bodies, event_ids, joined, of_type


async def talk(account: Account, room_id: str, count: int) -> list[str]:
    return [await account.say(room_id, f"{number}") for number in range(count)]


async def test_pages_backwards_meet_without_gap_or_doubling(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    said = await talk(wang, room, 7)
    found: list[str] = []
    position: dict[str, Any] = {}
    while True:
        page = await li.messages(room, limit=3, **position)
        found += event_ids(of_type(page["chunk"], "m.room.message"))
        if "end" not in page:
            break
        position = {"from": page["end"]}
    assert found == said[::-1]


async def test_pages_forwards_begin_at_the_beginning(wang: Account) -> None:
    room = await wang.create_room()
    said = await talk(wang, room, 3)
    chunk = (await wang.messages(room, dir="f", limit=50))["chunk"]
    assert chunk[0]["type"] == "m.room.create"
    assert event_ids(of_type(chunk, "m.room.message")) == said


async def test_back_and_forth_from_the_same_place(wang: Account) -> None:
    room = await wang.create_room()
    said = await talk(wang, room, 4)
    older = await wang.messages(room, limit=2)
    back = await wang.messages(room, limit=2, **{"from": older["end"]})
    forth = await wang.messages(room, limit=2, dir="f", **{"from": older["end"]})
    assert event_ids(back["chunk"]) == said[1::-1]
    assert event_ids(forth["chunk"]) == said[2:]


async def test_a_gap_in_a_sync_is_filled(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    since = await li.position()
    said = await talk(wang, room, 6)
    wish = json.dumps({"room": {"timeline": {"limit": 2}}})
    part = joined(await li.sync(since, filter=wish), room)["timeline"]
    assert part["limited"] is True
    gap = await li.messages(room, limit=50, **{"from": part["prev_batch"], "to": since})
    assert event_ids(gap["chunk"][::-1]) + event_ids(part["events"]) == said


async def test_a_filter_chooses_what_is_on_the_page(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await wang.say(room, "from wang")
    await li.say(room, "from li")
    wish = json.dumps({"types": ["m.room.message"], "not_senders": [wang.user_id]})
    assert bodies((await wang.messages(room, filter=wish))["chunk"]) == ["from li"]


async def test_lazy_loading_brings_the_senders(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await li.say(room, "hello")
    page = await wang.messages(room, limit=1, filter=json.dumps({"lazy_load_members": True}))
    members = of_type(page.body.get("state", []), "m.room.member")
    assert {event["state_key"] for event in members} == {li.user_id}


async def test_strangers_read_nothing(wang: Account, li: Account) -> None:
    room = await wang.create_room()
    event_id = await wang.say(room, "private")
    await li.messages(room, expect=(403, "M_FORBIDDEN"))
    await li.call("getOneRoomEvent", roomId=room, eventId=event_id, expect=(404, "M_NOT_FOUND"))
    await li.call("getEventContext", roomId=room, eventId=event_id, expect=(404, "M_NOT_FOUND"))


@pytest.mark.parametrize("query", [{"dir": "sideways"}, {"from": "never-given-out"}, {"limit": "many"}])
async def test_a_malformed_page_is_refused(wang: Account, query: dict[str, str]) -> None:
    room = await wang.create_room()
    await wang.messages(room, expect=400, **query)


async def test_who_left_reads_up_to_then(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await wang.say(room, "before")
    await li.leave(room)
    await wang.say(room, "after")
    assert bodies((await li.messages(room))["chunk"]) == ["before"]


async def test_history_may_begin_with_the_join(wang: Account, li: Account) -> None:
    rule = {"type": "m.room.history_visibility", "content": {"history_visibility": "joined"}}
    room = await wang.create_room(initial_state=[rule])
    early = await wang.say(room, "before li")
    await wang.invite(room, li)
    invited = await wang.say(room, "li is invited")
    await li.join(room)
    await wang.say(room, "with li")
    assert bodies((await li.messages(room))["chunk"]) == ["with li"]
    for hidden in (early, invited):
        await li.call("getOneRoomEvent", roomId=room, eventId=hidden, expect=(404, "M_NOT_FOUND"))


async def test_history_may_begin_with_the_invitation(wang: Account, li: Account) -> None:
    rule = {"type": "m.room.history_visibility", "content": {"history_visibility": "invited"}}
    room = await wang.create_room(initial_state=[rule])
    await wang.say(room, "before li")
    await wang.invite(room, li)
    await wang.say(room, "li is invited")
    await li.join(room)
    assert bodies((await li.messages(room))["chunk"]) == ["li is invited"]


async def test_shared_history_is_all_of_it(wang: Account, li: Account) -> None:
    room = await wang.create_room()
    await wang.say(room, "before li")
    await wang.invite(room, li)
    await li.join(room)
    assert bodies((await li.messages(room))["chunk"]) == ["before li"]


async def test_one_event(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    event_id = await wang.say(room, "this one")
    event = (await li.call("getOneRoomEvent", roomId=room, eventId=event_id)).body
    assert (event["event_id"], event["room_id"], event["content"]["body"]) == (event_id, room, "this one")
    await li.call("getOneRoomEvent", roomId=room, eventId="$unknown", expect=(404, "M_NOT_FOUND"))


async def test_an_event_is_found_only_in_its_own_room(wang: Account) -> None:
    room, other = await wang.create_room(), await wang.create_room()
    event_id = await wang.say(room, "here")
    await wang.call("getOneRoomEvent", roomId=other, eventId=event_id, expect=(404, "M_NOT_FOUND"))


async def test_an_event_among_its_neighbours(wang: Account) -> None:
    room = await wang.create_room()
    said = await talk(wang, room, 7)
    context = await wang.call("getEventContext", roomId=room, eventId=said[3], query={"limit": 4})
    assert context["event"]["event_id"] == said[3]
    assert event_ids(context["events_before"]) == [said[2], said[1]]
    assert event_ids(context["events_after"]) == [said[4], said[5]]
    older = await wang.messages(room, limit=1, **{"from": context["start"]})
    newer = await wang.messages(room, dir="f", limit=1, **{"from": context["end"]})
    assert event_ids(older["chunk"] + newer["chunk"]) == [said[0], said[6]]


async def test_the_context_has_the_state_of_its_time(wang: Account) -> None:
    room = await wang.create_room(name="early")
    event_id = await wang.say(room, "x")
    await wang.set_state(room, "m.room.name", {"name": "late"})
    state = (await wang.call("getEventContext", roomId=room, eventId=event_id, query={"limit": 0}))["state"]
    assert [event["content"]["name"] for event in of_type(state, "m.room.name")] == ["early"]


async def test_the_past_needs_a_token(server: Homeserver, wang: Account) -> None:
    room = await wang.create_room()
    event_id = await wang.say(room, "x")
    await server.call("getRoomEvents", roomId=room, query={"dir": "b"}, expect=(401, "M_MISSING_TOKEN"))
    for operation in ("getOneRoomEvent", "getEventContext"):
        await server.call(operation, roomId=room, eventId=event_id, expect=(401, "M_MISSING_TOKEN"))


async def test_messages_with_a_file_are_found_by_their_url(wang: Account) -> None:
    room = await wang.create_room()
    with_url = await wang.say(room, "plan.pdf", url="mxc://hospital.test/plan")
    without = await wang.say(room, "see the plan")
    for wanted, expected in ((True, with_url), (False, without)):
        wish = json.dumps({"contains_url": wanted, "types": ["m.room.message"]})
        assert event_ids((await wang.messages(room, filter=wish))["chunk"]) == [expected]


async def test_the_day_of_an_event_is_found(wang: Account, li: Account) -> None:
    room = await wang.create_room()
    event_id = await wang.say(room, "at noon")
    at = (await wang.call("getOneRoomEvent", roomId=room, eventId=event_id))["origin_server_ts"]
    found = await wang.call("getEventByTimestamp", roomId=room, query={"ts": at + 1, "dir": "b"})
    assert (found["event_id"], found["origin_server_ts"]) == (event_id, at)
    first = await wang.call("getEventByTimestamp", roomId=room, query={"ts": 0, "dir": "f"})
    assert first["event_id"] == (await wang.messages(room, dir="f", limit=1))["chunk"][0]["event_id"]
    wish = {"roomId": room, "query": {"ts": at + 1000, "dir": "f"}}
    await wang.call("getEventByTimestamp", **wish, expect=(404, "M_NOT_FOUND"))
    await li.call("getEventByTimestamp", roomId=room, query={"ts": 0, "dir": "f"}, expect=(404, "M_NOT_FOUND"))


async def test_a_world_readable_room_is_read_by_anybody(wang: Account, li: Account) -> None:
    rule = {"type": "m.room.history_visibility", "content": {"history_visibility": "world_readable"}}
    room = await wang.create_room(initial_state=[rule], name="menu")
    event_id = await wang.say(room, "rice")
    assert bodies((await li.messages(room))["chunk"]) == ["rice"]
    assert (await li.call("getOneRoomEvent", roomId=room, eventId=event_id))["content"]["body"] == "rice"
    assert (await li.state(room, "m.room.name"))["name"] == "menu"
    await li.call("getJoinedMembersByRoom", roomId=room, expect=(403, "M_FORBIDDEN"))


async def test_a_context_with_lazy_members_has_the_senders_only(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    event_id = await wang.say(room, "alone")
    query = {"limit": 0, "filter": json.dumps({"lazy_load_members": True})}
    context = await wang.call("getEventContext", roomId=room, eventId=event_id, query=query)
    assert [event["state_key"] for event in of_type(context["state"], "m.room.member")] == [wang.user_id]
