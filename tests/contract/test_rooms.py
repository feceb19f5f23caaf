"""Rooms: how one is made, what it holds from the first moment, and how an alias leads to it."""

from typing import Any

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.people import Account, Event, joined, of_type

# preset: join rule, history visibility, guest access
PRESETS = {
    "private_chat": ("invite", "shared", "can_join"),
    "trusted_private_chat": ("invite", "shared", "can_join"),
    "public_chat": ("public", "shared", "forbidden"),
}


async def full_state(account: Account, room_id: str) -> dict[tuple[str, str], Event]:
    events = (await account.call("getRoomState", roomId=room_id)).body
    return {(event["type"], event["state_key"]): event for event in events}


@pytest.mark.parametrize("preset", PRESETS)
async def test_each_preset_sets_its_rules(wang: Account, preset: str) -> None:
    state = await full_state(wang, await wang.create_room(preset=preset))
    join_rule, visibility, guests = PRESETS[preset]
    assert state["m.room.join_rules", ""]["content"]["join_rule"] == join_rule
    assert state["m.room.history_visibility", ""]["content"]["history_visibility"] == visibility
    # If this state event is not in the room, no guests may join.
    guest_access = state.get(("m.room.guest_access", ""), {"content": {"guest_access": "forbidden"}})
    assert guest_access["content"]["guest_access"] == guests
    assert state["m.room.member", wang.user_id]["content"]["membership"] == "join"


async def test_a_public_room_without_a_preset_is_a_public_chat(wang: Account) -> None:
    room = (await wang.call("createRoom", body={"visibility": "public"}))["room_id"]
    assert (await wang.state(room, "m.room.join_rules"))["join_rule"] == "public"


async def test_trusted_people_get_the_creators_power(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, preset="trusted_private_chat", room_version="11")
    users = (await wang.state(room, "m.room.power_levels"))["users"]
    assert users[li.user_id] == users[wang.user_id] == 100


async def test_trusted_people_of_version_12_are_creators(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, preset="trusted_private_chat", room_version="12")
    state = await full_state(wang, room)
    assert state["m.room.create", ""]["content"]["additional_creators"] == [li.user_id]
    assert not {wang.user_id, li.user_id} & set(state["m.room.power_levels", ""]["content"].get("users", {}))


async def test_a_room_of_version_12_is_named_by_its_first_event(wang: Account) -> None:
    room = await wang.create_room(room_version="12")
    create = (await full_state(wang, room))["m.room.create", ""]
    assert ":" not in room
    assert create["event_id"] == "$" + room.removeprefix("!")
    assert create["room_id"] == room


@pytest.mark.parametrize("version", ["10", "11", "12"])
async def test_the_room_version_is_ones_choice(wang: Account, version: str) -> None:
    state = await full_state(wang, await wang.create_room(room_version=version))
    assert state["m.room.create", ""]["content"]["room_version"] == version


async def test_the_default_version_is_12(wang: Account) -> None:
    state = await full_state(wang, await wang.create_room())
    assert state["m.room.create", ""]["content"]["room_version"] == "12"


async def test_everything_wished_for_is_in_the_room(wang: Account, li: Account) -> None:
    encryption = {"algorithm": "m.megolm.v1.aes-sha2"}
    body = {
        "name": "三病区查房",
        "topic": "every morning",
        "invite": [li.user_id],
        "is_direct": True,
        "creation_content": {"m.federate": False, "type": "org.example.ward"},
        "initial_state": [{"type": "m.room.encryption", "state_key": "", "content": encryption}],
        "power_level_content_override": {"events_default": 1, "state_default": 60},
    }
    state = await full_state(wang, (await wang.call("createRoom", body=body))["room_id"])
    assert state["m.room.name", ""]["content"]["name"] == "三病区查房"
    assert state["m.room.topic", ""]["content"]["topic"] == "every morning"
    assert state["m.room.encryption", ""]["content"] == encryption
    create = state["m.room.create", ""]["content"]
    assert (create["m.federate"], create["type"]) == (False, "org.example.ward")
    levels = state["m.room.power_levels", ""]["content"]
    assert (levels["events_default"], levels["state_default"]) == (1, 60)
    invitation = state["m.room.member", li.user_id]["content"]
    assert (invitation["membership"], invitation["is_direct"]) == ("invite", True)


async def test_initial_state_takes_the_place_of_the_presets(wang: Account) -> None:
    rules = {"type": "m.room.history_visibility", "content": {"history_visibility": "joined"}}
    room = await wang.create_room(initial_state=[rules])
    assert (await wang.state(room, "m.room.history_visibility"))["history_visibility"] == "joined"


async def test_the_events_come_in_the_order_of_the_standard(wang: Account) -> None:
    room = await wang.create_room(name="one", topic="two")
    events = (await wang.messages(room, dir="f", limit=50))["chunk"]
    types = [event["type"] for event in events]
    assert types[:3] == ["m.room.create", "m.room.member", "m.room.power_levels"]
    assert types.index("m.room.join_rules") < types.index("m.room.name") < types.index("m.room.topic")


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"room_version": "987"}, "M_UNSUPPORTED_ROOM_VERSION"),
    (
        {"name": "x", "room_version": "11", "power_level_content_override": {"events": {"m.room.name": 101}}},
        "M_INVALID_ROOM_STATE",
    ),
    ({"invite": "everybody"}, "M_BAD_JSON"),
]


@pytest.mark.parametrize(("wishes", "errcode"), REFUSED, ids=[errcode for _, errcode in REFUSED])
async def test_what_cannot_be_made_is_refused(wang: Account, wishes: dict[str, Any], errcode: str) -> None:
    await wang.call("createRoom", body=wishes, expect=(400, errcode))
    assert (await wang.call("getJoinedRooms"))["joined_rooms"] == []


async def test_a_broken_body_makes_no_room(wang: Account) -> None:
    await wang.call("createRoom", content=b"{", expect=(400, "M_NOT_JSON"))
    assert (await wang.call("getJoinedRooms"))["joined_rooms"] == []


async def test_strangers_make_no_rooms(server: Homeserver) -> None:
    await server.call("createRoom", body={}, expect=(401, "M_MISSING_TOKEN"))


async def test_an_alias_leads_to_the_room(server: Homeserver, wang: Account) -> None:
    name = server.username("ward")
    room = await wang.create_room(room_alias_name=name)
    alias = f"#{name}:{wang.user_id.partition(':')[2]}"
    assert (await wang.state(room, "m.room.canonical_alias"))["alias"] == alias
    assert (await server.call("getRoomIdByAlias", roomAlias=alias))["room_id"] == room
    await wang.call("createRoom", body={"room_alias_name": name}, expect=(400, "M_ROOM_IN_USE"))


async def test_a_room_gets_a_second_alias(server: Homeserver, wang: Account) -> None:
    room = await wang.create_room()
    alias = f"#{server.username('ward')}:{wang.user_id.partition(':')[2]}"
    await wang.call("setRoomAlias", roomAlias=alias, body={"room_id": room})
    assert (await server.call("getRoomIdByAlias", roomAlias=alias))["room_id"] == room
    other = await wang.create_room()
    await wang.call("setRoomAlias", roomAlias=alias, body={"room_id": other}, expect=(409, "M_UNKNOWN"))


async def test_an_unknown_alias_is_not_found(server: Homeserver, wang: Account) -> None:
    alias = f"#nowhere:{wang.user_id.partition(':')[2]}"
    await server.call("getRoomIdByAlias", roomAlias=alias, expect=(404, "M_NOT_FOUND"))


async def test_what_is_no_alias_is_refused(server: Homeserver, wang: Account) -> None:
    room = await wang.create_room()
    await server.call("getRoomIdByAlias", roomAlias="ward-3", expect=(400, "M_INVALID_PARAM"))
    await wang.call("setRoomAlias", roomAlias="ward-3", body={"room_id": room}, expect=(400, "M_INVALID_PARAM"))


async def test_the_summary_counts_and_names_the_members(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    summary = joined(await wang.sync(), room)["summary"]
    assert summary["m.joined_member_count"] == 2
    assert summary["m.heroes"] == [li.user_id]


async def test_the_members_of_the_first_sync_are_in_its_state(wang: Account, li: Account) -> None:
    room_id = await wang.create_room(li)
    room = joined(await li.sync(), room_id)
    members = of_type(room["state"]["events"] + room["timeline"]["events"], "m.room.member")
    assert {event["state_key"] for event in members} == {wang.user_id, li.user_id}
