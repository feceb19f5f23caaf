"""How rooms are found: aliases, the list of public rooms, a summary before joining."""

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.people import Account, Event

NOWHERE = "!nowhere:example.org"


def alias_of(server: Homeserver, account: Account) -> str:
    return f"#{server.username('ward')}:{account.user_id.partition(':')[2]}"


async def test_an_alias_is_taken_away_by_who_gave_it(server: Homeserver, wang: Account, li: Account) -> None:
    room, alias = await wang.create_room(li), alias_of(server, wang)
    await li.call("setRoomAlias", roomAlias=alias, body={"room_id": room})
    zhao = await server.register("赵主任")
    await zhao.call("deleteRoomAlias", roomAlias=alias, expect=(403, "M_FORBIDDEN"))
    await li.call("deleteRoomAlias", roomAlias=alias)
    await li.call("deleteRoomAlias", roomAlias=alias, expect=(404, "M_NOT_FOUND"))
    await server.call("getRoomIdByAlias", roomAlias=alias, expect=(404, "M_NOT_FOUND"))
    await wang.call("setRoomAlias", roomAlias=alias, body={"room_id": room})


async def test_who_names_the_room_may_take_any_alias_away(server: Homeserver, wang: Account, li: Account) -> None:
    room, alias = await wang.create_room(li), alias_of(server, wang)
    await li.call("setRoomAlias", roomAlias=alias, body={"room_id": room})
    await wang.call("deleteRoomAlias", roomAlias=alias)


async def test_only_members_give_an_alias(server: Homeserver, wang: Account, li: Account) -> None:
    room, alias = await wang.create_room(), alias_of(server, wang)
    await li.call("setRoomAlias", roomAlias=alias, body={"room_id": room}, expect=(403, "M_FORBIDDEN"))
    await li.call("setRoomAlias", roomAlias=alias, body={"room_id": NOWHERE}, expect=(403, "M_FORBIDDEN"))
    foreign = "#ward:elsewhere.example.org"
    await wang.call("setRoomAlias", roomAlias=foreign, body={"room_id": room}, expect=(400, "M_INVALID_PARAM"))


async def test_members_see_the_aliases(server: Homeserver, wang: Account, li: Account) -> None:
    room, alias = await wang.create_room(), alias_of(server, wang)
    assert (await wang.call("getLocalAliases", roomId=room))["aliases"] == []
    await wang.call("setRoomAlias", roomAlias=alias, body={"room_id": room})
    assert (await wang.call("getLocalAliases", roomId=room))["aliases"] == [alias]
    await li.call("getLocalAliases", roomId=room, expect=(403, "M_FORBIDDEN"))
    await li.call("getLocalAliases", roomId="ward-3", expect=(400, "M_INVALID_PARAM"))


async def listed(account: Account, **wishes: object) -> dict[str, Event]:
    answer = await account.call("queryPublicRooms", body=wishes)
    return {room["room_id"]: room for room in answer["chunk"]}


async def test_a_public_room_is_listed_until_it_is_taken_off(server: Homeserver, wang: Account, li: Account) -> None:
    body = {"visibility": "public", "name": server.username("canteen"), "topic": "today's menu"}
    room = (await wang.call("createRoom", body=body))["room_id"]
    assert (await server.call("getRoomVisibilityOnDirectory", roomId=room))["visibility"] == "public"
    found = (await listed(li))[room]
    assert (found["name"], found["topic"], found["num_joined_members"]) == (body["name"], body["topic"], 1)
    assert (found["join_rule"], found["world_readable"], found["guest_can_join"]) == ("public", False, False)
    assert set(await listed(li, filter={"generic_search_term": body["name"].upper()})) == {room}
    await wang.call("setRoomVisibilityOnDirectory", roomId=room, body={"visibility": "private"})
    assert room not in await listed(li)
    assert (await server.call("getRoomVisibilityOnDirectory", roomId=room))["visibility"] == "private"


async def test_a_private_room_is_not_listed(server: Homeserver, wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    assert (await server.call("getRoomVisibilityOnDirectory", roomId=room))["visibility"] == "private"
    assert room not in await listed(li)
    body = {"visibility": "public"}
    await li.call("setRoomVisibilityOnDirectory", roomId=room, body=body, expect=(403, "M_FORBIDDEN"))
    await wang.call("setRoomVisibilityOnDirectory", roomId=NOWHERE, body=body, expect=(404, "M_NOT_FOUND"))
    await server.call("getRoomVisibilityOnDirectory", roomId=NOWHERE, expect=(404, "M_NOT_FOUND"))


async def test_the_list_comes_in_pages(wang: Account) -> None:
    made = {(await wang.call("createRoom", body={"visibility": "public"}))["room_id"] for _ in range(3)}
    found: list[str] = []
    query: dict[str, str | int] = {"limit": 2}
    while True:
        page = await wang.call("getPublicRooms", query=query)
        found += [room["room_id"] for room in page["chunk"]]
        if "next_batch" not in page:
            break
        query = {"limit": 2, "since": page["next_batch"]}
    assert made <= set(found)
    assert len(found) == len(set(found)) == page["total_room_count_estimate"]


async def test_spaces_can_be_asked_for_alone(wang: Account) -> None:
    body = {"visibility": "public", "creation_content": {"type": "m.space"}}
    space = (await wang.call("createRoom", body=body))["room_id"]
    plain = (await wang.call("createRoom", body={"visibility": "public"}))["room_id"]
    spaces = await listed(wang, filter={"room_types": ["m.space"]})
    others = await listed(wang, filter={"room_types": [None]})
    assert (space in spaces, plain in spaces, space in others, plain in others) == (True, False, False, True)


async def test_strangers_do_not_see_the_list(server: Homeserver) -> None:
    await server.call("getPublicRooms", expect=(401, "M_MISSING_TOKEN"))
    await server.call("queryPublicRooms", body={}, expect=(401, "M_MISSING_TOKEN"))


async def test_a_summary_tells_what_one_may_join(server: Homeserver, wang: Account, li: Account) -> None:
    name = server.username("canteen")
    room = await wang.create_room(preset="public_chat", name="食堂", room_alias_name=name)
    for wanted in (room, f"#{name}:{wang.user_id.partition(':')[2]}"):
        summary = await li.call("getRoomSummary", roomIdOrAlias=wanted)
        assert (summary["room_id"], summary["name"], summary["room_version"]) == (room, "食堂", "12")
        assert "membership" not in summary
    assert (await wang.call("getRoomSummary", roomIdOrAlias=room))["membership"] == "join"


async def test_a_private_room_has_no_summary_for_strangers(server: Homeserver, wang: Account, li: Account) -> None:
    room = await wang.create_room(name="private")
    for wanted in (room, NOWHERE):
        await li.call("getRoomSummary", roomIdOrAlias=wanted, expect=(404, "M_NOT_FOUND"))
        await server.call("getRoomSummary", roomIdOrAlias=wanted, expect=(404, "M_NOT_FOUND"))
    await wang.invite(room, li)
    assert (await li.call("getRoomSummary", roomIdOrAlias=room))["membership"] == "invite"


async def test_a_restricted_room_shows_itself_to_who_may_come(wang: Account, li: Account) -> None:
    lobby = await wang.create_room(li)
    room = await wang.create_room(initial_state=[restricted_to(lobby)])
    summary = await li.call("getRoomSummary", roomIdOrAlias=room)
    assert (summary["join_rule"], summary["allowed_room_ids"]) == ("restricted", [lobby])


def restricted_to(room_id: str, rule: str = "restricted") -> Event:
    allow = [{"type": "m.room_membership", "room_id": room_id}]
    return {"type": "m.room.join_rules", "content": {"join_rule": rule, "allow": allow}}


@pytest.mark.parametrize("rule", ["restricted", "knock_restricted"])
async def test_who_is_in_one_room_may_join_the_other(server: Homeserver, wang: Account, li: Account, rule: str) -> None:
    lobby = await wang.create_room(li)
    room = await wang.create_room(initial_state=[restricted_to(lobby, rule)])
    zhao = await server.register("赵主任")
    await zhao.join(room, expect=(403, "M_FORBIDDEN"))
    await li.join(room)
    member = await wang.state(room, "m.room.member", li.user_id)
    assert member["join_authorised_via_users_server"] == wang.user_id


async def test_nobody_lets_themselves_in(server: Homeserver, wang: Account, li: Account) -> None:
    lobby = await wang.create_room()
    room = await wang.create_room(initial_state=[restricted_to(lobby)])
    forged = {"membership": "join", "join_authorised_via_users_server": wang.user_id}
    await li.set_state(room, "m.room.member", forged, li.user_id, expect=(403, "M_FORBIDDEN"))
    assert li.user_id not in (await wang.call("getJoinedMembersByRoom", roomId=room))["joined"]
