"""Membership: invite, join, knock, leave, kick, ban, unban, forget, and who may see the list."""

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.people import Account

NOWHERE = "!nowhere:example.org"


async def membership(account: Account, room_id: str, of: Account) -> str:
    found: str = (await account.state(room_id, "m.room.member", of.user_id))["membership"]
    return found


async def moderate(account: Account, act: str, room_id: str, person: Account, **arguments: object) -> None:
    body = {"user_id": person.user_id, "reason": "shift is over"}
    await account.call(act, roomId=room_id, body=body, **arguments)


async def test_who_is_invited_may_join(wang: Account, li: Account) -> None:
    room = await wang.create_room()
    await li.join(room, expect=(403, "M_FORBIDDEN"))
    await wang.invite(room, li)
    assert (await li.join(room))["room_id"] == room
    assert await membership(wang, room, li) == "join"


async def test_an_invitation_comes_with_what_the_invited_may_know(wang: Account, li: Account) -> None:
    room = await wang.create_room(name="会诊")
    since = await li.position()
    await wang.invite(room, li)
    events = (await li.sync(since))["rooms"]["invite"][room]["invite_state"]["events"]
    shown = {(event["type"], event["state_key"]): event["content"] for event in events}
    assert shown["m.room.name", ""]["name"] == "会诊"
    assert shown["m.room.member", li.user_id]["membership"] == "invite"
    assert ("m.room.create", "") in shown


async def test_joining_twice_is_no_error(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await li.join(room)
    assert await membership(wang, room, li) == "join"


async def test_a_public_room_is_joined_by_id_or_alias(server: Homeserver, wang: Account, li: Account) -> None:
    name = server.username("canteen")
    room = await wang.create_room(preset="public_chat", room_alias_name=name)
    alias = f"#{name}:{wang.user_id.partition(':')[2]}"
    assert (await li.call("joinRoom", roomIdOrAlias=alias, body={}))["room_id"] == room
    await li.leave(room)
    assert (await li.call("joinRoom", roomIdOrAlias=room, body={"reason": "back"}))["room_id"] == room


async def test_a_private_room_is_not_joined_by_its_id(wang: Account, li: Account) -> None:
    room = await wang.create_room()
    await li.call("joinRoom", roomIdOrAlias=room, body={}, expect=(403, "M_FORBIDDEN"))
    await li.join(room, expect=(403, "M_FORBIDDEN"))


async def test_an_unknown_alias_cannot_be_joined(wang: Account) -> None:
    alias = f"#nowhere:{wang.user_id.partition(':')[2]}"
    await wang.call("joinRoom", roomIdOrAlias=alias, body={}, expect=(404, "M_NOT_FOUND"))


async def test_invitations_that_make_no_sense_are_refused(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await wang.invite(room, li, expect=(403, "M_FORBIDDEN"))
    await wang.call("inviteUser", roomId=room, content=b"{", expect=(400, "M_NOT_JSON"))
    await wang.call("inviteUser", roomId=room, body={"user_id": 7}, expect=(400, "M_BAD_JSON"))


async def test_only_members_invite(wang: Account, li: Account, server: Homeserver) -> None:
    room = await wang.create_room()
    zhao = await server.register("赵主任")
    await li.invite(room, zhao, expect=(403, "M_FORBIDDEN"))


async def test_rejecting_an_invitation_is_leaving(wang: Account, li: Account) -> None:
    room = await wang.create_room()
    await wang.invite(room, li)
    await li.leave(room)
    assert await membership(wang, room, li) == "leave"
    await li.join(room, expect=(403, "M_FORBIDDEN"))


async def test_who_left_hears_no_more(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    since = await li.position()
    await li.leave(room)
    left = await li.sync(since)
    assert room in left["rooms"]["leave"]
    await wang.say(room, "after li left")
    later = await li.sync(left["next_batch"])
    assert room not in str(later.body)


async def test_a_knock_asks_to_come_in(wang: Account, li: Account) -> None:
    rule = {"type": "m.room.join_rules", "content": {"join_rule": "knock"}}
    room = await wang.create_room(initial_state=[rule])
    answer = await li.call("knockRoom", roomIdOrAlias=room, body={"reason": "on call today"})
    assert answer["room_id"] == room
    assert await membership(wang, room, li) == "knock"
    assert room in (await li.sync())["rooms"]["knock"]
    await wang.invite(room, li)
    await li.join(room)


async def test_one_cannot_knock_where_nobody_opens(wang: Account, li: Account) -> None:
    room = await wang.create_room()
    await li.call("knockRoom", roomIdOrAlias=room, body={}, expect=(403, "M_FORBIDDEN"))
    alias = f"#nowhere:{wang.user_id.partition(':')[2]}"
    await li.call("knockRoom", roomIdOrAlias=alias, body={}, expect=(404, "M_NOT_FOUND"))


async def test_the_creator_removes_and_others_do_not(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await moderate(li, "kick", room, wang, expect=(403, "M_FORBIDDEN"))
    await moderate(wang, "kick", room, li)
    assert await membership(wang, room, li) == "leave"
    # Whoever is not in the room cannot be removed from it.
    await moderate(wang, "kick", room, li, expect=(403, "M_FORBIDDEN"))


async def test_a_ban_lasts_until_it_is_lifted(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, preset="public_chat")
    await moderate(li, "ban", room, wang, expect=(403, "M_FORBIDDEN"))
    await moderate(wang, "ban", room, li)
    assert await membership(wang, room, li) == "ban"
    await li.join(room, expect=(403, "M_FORBIDDEN"))
    await wang.invite(room, li, expect=(403, "M_FORBIDDEN"))
    await moderate(wang, "unban", room, li)
    assert await membership(wang, room, li) == "leave"
    await li.join(room)


async def test_only_the_powerful_lift_a_ban(wang: Account, li: Account, server: Homeserver) -> None:
    zhao = await server.register("赵主任")
    room = await wang.create_room(li, zhao)
    await moderate(wang, "ban", room, zhao)
    await moderate(li, "unban", room, zhao, expect=(403, "M_FORBIDDEN"))


async def test_the_reason_is_kept(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await moderate(wang, "kick", room, li)
    assert (await wang.state(room, "m.room.member", li.user_id))["reason"] == "shift is over"


async def test_a_room_is_forgotten_after_it_is_left(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await li.say(room, "soon forgotten")
    await li.call("forgetRoom", roomId=room, body={}, expect=(400, "M_UNKNOWN"))
    await li.leave(room)
    await li.call("forgetRoom", roomId=room, body={})
    await li.messages(room, expect=(403, "M_FORBIDDEN"))


async def test_joined_rooms_are_those_one_is_in_now(wang: Account, li: Account) -> None:
    kept, left = await wang.create_room(li), await wang.create_room(li)
    await li.leave(left)
    assert (await li.call("getJoinedRooms"))["joined_rooms"] == [kept]


async def test_members_see_the_members(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    chunk = (await li.call("getMembersByRoom", roomId=room))["chunk"]
    assert {event["state_key"] for event in chunk} == {wang.user_id, li.user_id}
    brief = (await li.call("getJoinedMembersByRoom", roomId=room))["joined"]
    assert set(brief) == {wang.user_id, li.user_id}


async def test_the_list_can_be_narrowed(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await li.leave(room)
    left = (await wang.call("getMembersByRoom", roomId=room, query={"membership": "leave"}))["chunk"]
    assert [event["state_key"] for event in left] == [li.user_id]
    others = (await wang.call("getMembersByRoom", roomId=room, query={"not_membership": "leave"}))["chunk"]
    assert [event["state_key"] for event in others] == [wang.user_id]


async def test_the_list_can_be_read_as_it_was(wang: Account, li: Account) -> None:
    room = await wang.create_room()
    before = await wang.position()
    await wang.invite(room, li)
    await li.join(room)
    chunk = (await wang.call("getMembersByRoom", roomId=room, query={"at": before}))["chunk"]
    assert [event["state_key"] for event in chunk] == [wang.user_id]


async def test_who_left_sees_the_members_of_that_time(wang: Account, li: Account, server: Homeserver) -> None:
    room = await wang.create_room(li)
    await li.leave(room)
    zhao = await server.register("赵主任")
    await wang.invite(room, zhao)
    chunk = (await li.call("getMembersByRoom", roomId=room))["chunk"]
    assert {event["state_key"] for event in chunk} == {wang.user_id, li.user_id}


@pytest.mark.parametrize("operation", ["getMembersByRoom", "getJoinedMembersByRoom"])
async def test_strangers_see_no_members(wang: Account, li: Account, operation: str) -> None:
    room = await wang.create_room()
    await li.call(operation, roomId=room, expect=(403, "M_FORBIDDEN"))
    await li.call(operation, roomId=NOWHERE, expect=(403, "M_FORBIDDEN"))


async def test_earlier_members_are_not_shown_to_who_may_not_see_back(
    wang: Account, li: Account, server: Homeserver
) -> None:
    zhao = await server.register("赵主任")
    rule = {"type": "m.room.history_visibility", "content": {"history_visibility": "joined"}}
    room = await wang.create_room(zhao, initial_state=[rule])
    before = await li.position()
    await wang.call("kick", roomId=room, body={"user_id": zhao.user_id})
    await wang.invite(room, li)
    await li.join(room)
    wish = {"at": before, "membership": "join"}
    chunk = (await li.call("getMembersByRoom", roomId=room, query=wish))["chunk"]
    assert {event["state_key"] for event in chunk} == {wang.user_id, li.user_id}
