"""Replacing a room: what comes along, what stays behind, and how people find the new one."""

import asyncio
from typing import Any

import pytest

from myelin.matrix.identifiers import server_name_of
from tests.contract.conftest import Homeserver
from tests.contract.contract import Expected
from tests.contract.people import Account, bodies, joined, of_type

VERSIONS = ["10", "11", "12"]
CHANGES = [("10", "11"), ("10", "12"), ("11", "12"), ("12", "12"), ("12", "10")]


async def upgraded(account: Account, room: str, version: str = "12", expect: Expected = 200, **wishes: Any) -> str:
    """The id of the room that replaces another; empty where that was refused."""
    answer = await account.call("upgradeRoom", roomId=room, body={"new_version": version, **wishes}, expect=expect)
    return answer["replacement_room"] if answer.status == 200 else ""


@pytest.mark.parametrize(("before", "after"), CHANGES)
async def test_what_a_room_is_comes_along(wang: Account, li: Account, before: str, after: str) -> None:
    room = await wang.create_room(li, room_version=before, name="Ward 3", topic="rounds")
    await wang.set_state(room, "m.room.history_visibility", {"history_visibility": "joined"})
    last = (await wang.set_state(room, "m.room.avatar", {"url": "mxc://hospital.test/picture"}))["event_id"]
    new = await upgraded(wang, room, after)
    create = (await wang.state(new, "m.room.create")).body
    assert (create["room_version"], create["predecessor"]) == (after, {"room_id": room, "event_id": last})
    for event_type in (
        "m.room.name",
        "m.room.topic",
        "m.room.avatar",
        "m.room.history_visibility",
        "m.room.join_rules",
    ):
        assert (await wang.state(new, event_type)).body == (await wang.state(room, event_type)).body
    assert (await wang.state(new, "org.myelin.room")).body == (await wang.state(room, "org.myelin.room")).body
    # Nobody else is in it: they come by themselves, or are invited.
    assert list((await wang.call("getJoinedMembersByRoom", roomId=new))["joined"]) == [wang.user_id]


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_old_room_says_where_it_goes_on_and_falls_silent(
    server: Homeserver, wang: Account, li: Account, version: str
) -> None:
    zhao = await server.register("赵主任")
    room = await wang.create_room(li, room_version=version)
    since = await li.position()
    new = await upgraded(wang, room)
    (tombstone,) = of_type(joined(await li.sync(since), room)["timeline"]["events"], "m.room.tombstone")
    assert tombstone["content"]["replacement_room"] == new
    await li.send(room, {"msgtype": "m.text", "body": "too late"}, expect=(403, "M_FORBIDDEN"))
    await li.invite(room, zhao, expect=(403, "M_FORBIDDEN"))


@pytest.mark.parametrize(("before", "after"), CHANGES)
async def test_levels_hold_on_the_other_side(wang: Account, li: Account, before: str, after: str) -> None:
    room = await wang.create_room(li, room_version=before)
    levels = (await wang.state(room, "m.room.power_levels")).body
    await wang.set_state(room, "m.room.power_levels", {**levels, "users": {**levels["users"], li.user_id: 50}})
    new = await upgraded(wang, room, after)
    await wang.invite(new, li)
    await li.join(new)
    await li.set_state(new, "m.room.name", {"name": "Ward 4"})
    await li.set_state(new, "m.room.power_levels", levels, expect=(403, "M_FORBIDDEN"))
    now = (await wang.state(new, "m.room.power_levels")).body
    await wang.set_state(new, "m.room.power_levels", {**now, "invite": 50})


async def test_whoever_may_end_a_room_need_not_be_its_maker(wang: Account, li: Account) -> None:
    levels = {"users": {wang.user_id: 100, li.user_id: 60}, "events": {"m.room.tombstone": 60, "m.room.name": 90}}
    room = await wang.create_room(li, room_version="10", name="Ward 3", power_level_content_override=levels)
    new = await upgraded(li, room, "11")
    assert (await li.state(new, "m.room.name")).body == {"name": "Ward 3"}
    users = (await li.state(new, "m.room.power_levels")).body["users"]
    assert users == {wang.user_id: 100, li.user_id: 60}


async def test_bans_come_along(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await wang.call("ban", roomId=room, body={"user_id": li.user_id})
    new = await upgraded(wang, room)
    assert (await wang.state(new, "m.room.member", li.user_id)).body["membership"] == "ban"
    await wang.invite(new, li, expect=(403, "M_FORBIDDEN"))


async def test_aliases_and_the_public_list_lead_to_the_new_room(wang: Account, li: Account) -> None:
    alias = f"#ward-{wang.device_id.lower()}:{server_name_of(wang.user_id)}"
    other = f"#also-{wang.device_id.lower()}:{server_name_of(wang.user_id)}"
    localpart = alias[1:].partition(":")[0]
    room = await wang.create_room(room_alias_name=localpart, visibility="public", preset="public_chat")
    await wang.call("setRoomAlias", roomAlias=other, body={"room_id": room})
    new = await upgraded(wang, room)
    for name in (alias, other):
        assert (await li.call("getRoomIdByAlias", roomAlias=name))["room_id"] == new
    assert (await wang.state(new, "m.room.canonical_alias")).body["alias"] == alias
    listed = [(await li.call("getRoomVisibilityOnDirectory", roomId=name))["visibility"] for name in (room, new)]
    assert listed == ["private", "public"]
    await li.call("joinRoom", roomIdOrAlias=alias, body={})
    assert (await li.call("getJoinedRooms"))["joined_rooms"] == [new]


async def test_a_space_keeps_what_is_in_it(wang: Account) -> None:
    space = await wang.create_room(creation_content={"type": "m.space"}, room_version="11")
    ward = await wang.create_room()
    await wang.set_state(space, "m.space.child", {"via": [server_name_of(wang.user_id)]}, state_key=ward)
    new = await upgraded(wang, space)
    assert (await wang.state(new, "m.room.create")).body["type"] == "m.space"
    assert (await wang.state(new, "m.space.child", ward)).body == {"via": [server_name_of(wang.user_id)]}


async def test_further_creators_are_named_anew(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, preset="trusted_private_chat")
    alone = await upgraded(wang, room)
    assert "additional_creators" not in (await wang.state(alone, "m.room.create")).body
    both = await upgraded(wang, alone, "12", additional_creators=[li.user_id, li.user_id, wang.user_id])
    # What was replaced once already, by the same person, is not replaced again.
    assert both != alone
    assert (await wang.state(both, "m.room.create")).body["additional_creators"] == [li.user_id]
    ignored = await upgraded(wang, both, "11", additional_creators=[li.user_id])
    assert "additional_creators" not in (await wang.state(ignored, "m.room.create")).body
    wrong = {"new_version": "12", "additional_creators": ["li"]}
    await wang.call("upgradeRoom", roomId=ignored, body=wrong, expect=(400, "M_INVALID_PARAM"))


async def test_whoever_asks_again_is_given_the_same_room(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, room_version="11")
    first, *others = await asyncio.gather(*(upgraded(wang, room) for _ in range(4)))
    assert {first} == set(others) == {await upgraded(wang, room)}
    assert sorted((await wang.call("getJoinedRooms"))["joined_rooms"]) == sorted([room, first])


async def test_refusals(server: Homeserver, wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await upgraded(wang, room, "1", (400, "M_UNSUPPORTED_ROOM_VERSION"))
    await upgraded(wang, room, "org.example.none", (400, "M_UNSUPPORTED_ROOM_VERSION"))
    await upgraded(li, room, "12", (403, "M_FORBIDDEN"))
    stranger = await server.register("陈药师")
    await upgraded(stranger, room, "12", (403, "M_FORBIDDEN"))
    await upgraded(wang, "!nowhere:hospital.test", "12", (403, "M_FORBIDDEN"))
    await wang.call("upgradeRoom", roomId=room, body={}, expect=(400, "M_MISSING_PARAM"))
    # What was refused left nothing behind.
    await wang.state(room, "m.room.tombstone", expect=(404, "M_NOT_FOUND"))
    assert bodies((await wang.messages(room))["chunk"]) == []
    assert (await wang.call("getJoinedRooms"))["joined_rooms"] == [room]


@pytest.mark.parametrize("replacement", ["nowhere", 7, {"a": []}, "!" + "x" * 300])
async def test_a_tombstone_that_leads_nowhere_is_replaced(wang: Account, replacement: Any) -> None:
    room = await wang.create_room()
    await wang.set_state(room, "m.room.tombstone", {"body": "gone", "replacement_room": replacement})
    new = await upgraded(wang, room)
    assert (await wang.state(room, "m.room.tombstone")).body["replacement_room"] == new


async def choose(account: Account, room: str, tag: str, actions: list[Any]) -> None:
    """Put a room into a drawer, and decide when it rings: by a rule for the room, and one that silences it."""
    await account.call("setRoomTag", userId=account.user_id, roomId=room, tag=tag, body={"order": 0.5})
    await account.call("setPushRule", kind="room", ruleId=room, body={"actions": actions})
    here = [{"kind": "event_match", "key": "room_id", "pattern": room}]
    await account.call("setPushRule", kind="override", ruleId=room, body={"actions": [], "conditions": here})
    await account.call("setPushRuleEnabled", kind="override", ruleId=room, body={"enabled": False})


async def chosen(account: Account, room: str) -> tuple[Any, ...]:
    """The tags of a room, and a person's own rules for it without its name."""
    tags = (await account.call("getRoomTags", userId=account.user_id, roomId=room))["tags"]
    rules = (await account.call("getPushRules"))["global"]
    own = [rule for kind in ("override", "room") for rule in rules[kind] if rule["rule_id"] == room]
    patterns = [condition["pattern"] == room for rule in own for condition in rule.get("conditions", [])]
    return tags, [(rule["actions"], rule["enabled"]) for rule in own], patterns


async def test_what_people_chose_for_a_room_follows_them(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, room_version="11")
    for account in (wang, li):
        await choose(account, room, "m.favourite", ["notify"])
    new = await upgraded(wang, room)
    assert await chosen(wang, new) == ({"m.favourite": {"order": 0.5}}, [([], False), (["notify"], True)], [True])
    await wang.invite(new, li)
    assert await chosen(li, new) == ({}, [], [])
    await li.join(new)
    assert await chosen(li, new) == await chosen(li, room) == await chosen(wang, new)


async def test_what_people_chose_anew_stays(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, room_version="11")
    await choose(li, room, "m.favourite", ["notify"])
    new = await upgraded(wang, room)
    await wang.invite(new, li)
    await li.join(new)
    await choose(li, new, "m.favourite", [])
    await li.call("setRoomTag", userId=li.user_id, roomId=new, tag="m.lowpriority", body={})
    await li.call("deleteRoomTag", userId=li.user_id, roomId=new, tag="m.favourite")
    await li.join(new)
    assert await chosen(li, new) == ({"m.lowpriority": {}}, [([], False), ([], True)], [True])


async def test_a_stranger_to_the_old_room_gets_nothing(wang: Account, li: Account) -> None:
    room = await wang.create_room(room_version="11")
    new = await upgraded(wang, room)
    await wang.invite(new, li)
    await li.join(new)
    assert await chosen(li, new) == ({}, [], [])
