"""Filters: stored ones, and what a filter does to a sync."""

import json

from tests.contract.conftest import Homeserver
from tests.contract.people import Account, Event, bodies, joined, of_type, timeline


async def stored(account: Account, definition: Event) -> str:
    answer = await account.call("defineFilter", userId=account.user_id, body=definition)
    filter_id: str = answer["filter_id"]
    return filter_id


async def test_a_stored_filter_comes_back_as_it_was(wang: Account) -> None:
    definition = {"room": {"timeline": {"limit": 7, "types": ["m.room.message"]}}, "event_format": "client"}
    filter_id = await stored(wang, definition)
    # A client may send JSON in place of an id, so that an id must not look like JSON.
    assert not filter_id.startswith("{")
    answer = await wang.call("getFilter", userId=wang.user_id, filterId=filter_id)
    assert answer.body == definition


async def test_an_unknown_filter_is_not_found(wang: Account) -> None:
    await wang.call("getFilter", userId=wang.user_id, filterId="987654", expect=(404, "M_NOT_FOUND"))


async def test_filters_are_private(wang: Account, li: Account) -> None:
    filter_id = await stored(wang, {})
    await li.call("getFilter", userId=wang.user_id, filterId=filter_id, expect=(403, "M_FORBIDDEN"))
    await li.call("defineFilter", userId=wang.user_id, body={}, expect=(403, "M_FORBIDDEN"))


async def test_a_filter_of_the_wrong_shape_is_refused(wang: Account) -> None:
    body = {"room": {"timeline": {"limit": "many"}}}
    await wang.call("defineFilter", userId=wang.user_id, body=body, expect=400)
    await wang.call("defineFilter", userId=wang.user_id, content=b"not json", expect=(400, "M_NOT_JSON"))


async def test_filters_need_a_token(server: Homeserver, wang: Account) -> None:
    await server.call("defineFilter", userId=wang.user_id, body={}, expect=(401, "M_MISSING_TOKEN"))
    await server.call("getFilter", userId=wang.user_id, filterId="1", expect=(401, "M_MISSING_TOKEN"))


async def test_a_sync_takes_a_stored_filter_and_an_inline_one(wang: Account) -> None:
    room = await wang.create_room()
    for number in range(3):
        await wang.say(room, f"{number}")
    definition = {"room": {"timeline": {"limit": 1}}}
    for wish in (await stored(wang, definition), json.dumps(definition)):
        answer = await wang.sync(filter=wish)
        assert bodies(timeline(answer, room)) == ["2"]
        assert joined(answer, room)["timeline"]["limited"] is True


async def test_a_sync_with_an_unknown_filter_is_refused(wang: Account) -> None:
    await wang.call("sync", query={"filter": "987654", "timeout": 0}, expect=400)
    await wang.call("sync", query={"filter": "{broken", "timeout": 0}, expect=400)


async def test_types_and_senders_choose_the_timeline(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await wang.say(room, "from wang")
    await li.say(room, "from li")
    await li.send(room, {"body": "no message"}, event_type="org.example.note")
    wish = {"room": {"timeline": {"types": ["m.room.*"], "not_types": ["m.room.member"], "senders": [li.user_id]}}}
    assert bodies(timeline(await wang.sync(filter=json.dumps(wish)), room)) == ["from li"]


async def test_rooms_choose_the_rooms(wang: Account) -> None:
    wanted, unwanted = await wang.create_room(), await wang.create_room()
    only = await wang.sync(filter=json.dumps({"room": {"rooms": [wanted]}}))
    assert list(only["rooms"]["join"]) == [wanted]
    without = await wang.sync(filter=json.dumps({"room": {"not_rooms": [unwanted]}}))
    assert list(without["rooms"]["join"]) == [wanted]


async def test_left_rooms_are_included_on_request(wang: Account) -> None:
    room = await wang.create_room()
    await wang.leave(room)
    assert room not in (await wang.sync()).body.get("rooms", {}).get("leave", {})
    included = await wang.sync(filter=json.dumps({"room": {"include_leave": True}}))
    assert room in included["rooms"]["leave"]


async def test_lazy_loading_leaves_out_members_who_do_not_speak(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, name="查房")
    for number in range(3):
        await wang.say(room, f"{number}")
    wish = {"room": {"timeline": {"limit": 2}, "state": {"lazy_load_members": True}}}
    state = joined(await wang.sync(filter=json.dumps(wish)), room)["state"]["events"]
    members = {event["state_key"] for event in state if event["type"] == "m.room.member"}
    assert members == {wang.user_id}


async def test_lazy_loading_keeps_those_after_whom_a_nameless_room_is_called(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    for number in range(3):
        await wang.say(room, f"{number}")
    wish = {"room": {"timeline": {"limit": 2}, "state": {"lazy_load_members": True}}}
    answer = joined(await wang.sync(filter=json.dumps(wish)), room)
    # When lazy-loading room members is enabled, the membership events for the heroes MUST be included in the state.
    assert answer["summary"]["m.heroes"] == [li.user_id]
    assert li.user_id in {event["state_key"] for event in of_type(answer["state"]["events"], "m.room.member")}


async def test_lazy_loading_brings_the_member_with_the_first_message(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, name="查房")
    for number in range(3):
        await wang.say(room, f"{number}")
    wish = json.dumps({"room": {"timeline": {"limit": 2}, "state": {"lazy_load_members": True}}})
    since = (await wang.sync(filter=wish))["next_batch"]
    await li.say(room, "good morning")
    answer = await wang.sync(since, filter=wish)
    assert bodies(timeline(answer, room)) == ["good morning"]
    state = joined(answer, room)["state"]["events"]
    assert li.user_id in {event["state_key"] for event in state if event["type"] == "m.room.member"}
