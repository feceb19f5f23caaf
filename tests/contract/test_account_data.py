"""Account data and tags: what a person's clients remember through the server."""

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.people import Account, Event, joined

ODD_ROOM = "not-a-room"


def by_type(events: list[Event]) -> dict[str, Event]:
    return {event["type"]: event["content"] for event in events}


async def test_it_is_set_read_and_synced_to_ones_other_devices(server: Homeserver, wang: Account) -> None:
    phone = await server.login(wang)
    since = await phone.position()
    content = {"ward": 3, "nested": {"deep": [1, 2]}}
    place = {"userId": wang.user_id, "type": "org.example.view"}
    await wang.call("setAccountData", **place, body=content)
    assert (await wang.call("getAccountData", **place)).body == content
    events = (await phone.sync(since, timeout_ms=5_000))["account_data"]["events"]
    assert by_type(events)["org.example.view"] == content


async def test_unset_is_not_found(wang: Account) -> None:
    place = {"userId": wang.user_id, "type": "org.example.unset"}
    await wang.call("getAccountData", **place, expect=(404, "M_NOT_FOUND"))
    room = await wang.create_room()
    await wang.call("getAccountDataPerRoom", **place, roomId=room, expect=(404, "M_NOT_FOUND"))


async def test_it_is_private(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    place = {"userId": wang.user_id, "type": "org.example.view"}
    await wang.call("setAccountData", **place, body={})
    await li.call("getAccountData", **place, expect=(403, "M_FORBIDDEN"))
    await li.call("setAccountData", **place, body={}, expect=(403, "M_FORBIDDEN"))
    await li.call("getAccountDataPerRoom", **place, roomId=room, expect=(403, "M_FORBIDDEN"))
    await li.call("setAccountDataPerRoom", **place, roomId=room, body={}, expect=(403, "M_FORBIDDEN"))


# Push rules and the read marker have endpoints of their own.
@pytest.mark.parametrize("event_type", ["m.push_rules", "m.fully_read"])
async def test_what_the_server_keeps_is_not_set_here(wang: Account, event_type: str) -> None:
    place = {"userId": wang.user_id, "type": event_type}
    await wang.call("setAccountData", **place, body={}, expect=(405, "M_BAD_JSON"))
    room = await wang.create_room()
    await wang.call("setAccountDataPerRoom", **place, roomId=room, body={}, expect=(405, "M_BAD_JSON"))


@pytest.mark.parametrize(("content", "errcode"), [(b"{", "M_NOT_JSON"), (b"[]", "M_BAD_JSON")])
async def test_broken_bodies_are_refused(wang: Account, content: bytes, errcode: str) -> None:
    place = {"userId": wang.user_id, "type": "org.example.view"}
    await wang.call("setAccountData", **place, content=content, expect=(400, errcode))
    room = await wang.create_room()
    await wang.call("setAccountDataPerRoom", **place, roomId=room, content=content, expect=(400, errcode))


async def test_data_of_a_room_comes_with_the_room(wang: Account) -> None:
    room, other = await wang.create_room(), await wang.create_room()
    place = {"userId": wang.user_id, "type": "m.marked_unread"}
    await wang.call("setAccountDataPerRoom", **place, roomId=room, body={"unread": True})
    assert (await wang.call("getAccountDataPerRoom", **place, roomId=room))["unread"] is True
    answer = await wang.sync()
    assert by_type(joined(answer, room)["account_data"]["events"])["m.marked_unread"] == {"unread": True}
    assert "m.marked_unread" not in by_type(joined(answer, other)["account_data"]["events"])


async def test_a_room_must_be_one(wang: Account) -> None:
    place = {"userId": wang.user_id, "roomId": ODD_ROOM, "type": "org.example.view"}
    await wang.call("setAccountDataPerRoom", **place, body={}, expect=(400, "M_INVALID_PARAM"))
    await wang.call("getAccountDataPerRoom", **place, expect=(400, "M_INVALID_PARAM"))


async def test_tags_are_put_and_taken_away(wang: Account) -> None:
    room = await wang.create_room()
    place = {"userId": wang.user_id, "roomId": room}
    await wang.call("setRoomTag", **place, tag="m.favourite", body={"order": 0.25})
    await wang.call("setRoomTag", **place, tag="u.night shift", body={})
    tags = (await wang.call("getRoomTags", **place))["tags"]
    assert tags == {"m.favourite": {"order": 0.25}, "u.night shift": {}}
    await wang.call("deleteRoomTag", **place, tag="m.favourite")
    synced = by_type(joined(await wang.sync(), room)["account_data"]["events"])
    assert synced["m.tag"]["tags"] == {"u.night shift": {}}


async def test_tags_are_private(wang: Account, li: Account) -> None:
    place = {"userId": wang.user_id, "roomId": await wang.create_room(li)}
    await li.call("setRoomTag", **place, tag="m.favourite", body={}, expect=(403, "M_FORBIDDEN"))
    await li.call("deleteRoomTag", **place, tag="m.favourite", expect=(403, "M_FORBIDDEN"))
    await li.call("getRoomTags", **place, expect=(403, "M_FORBIDDEN"))


async def test_clients_settings_need_a_token(server: Homeserver, wang: Account) -> None:
    place = {"userId": wang.user_id, "type": "org.example.view"}
    await server.call("getAccountData", **place, expect=(401, "M_MISSING_TOKEN"))
    await server.call("setAccountData", **place, body={}, expect=(401, "M_MISSING_TOKEN"))
