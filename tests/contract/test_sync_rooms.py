"""What a sync says of each room: who stands outside, who left, who is in it, what was left out and why."""

import asyncio
import json

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.contract import Answer
from tests.contract.people import Account, Event, bodies, ephemeral, event_ids, joined, of_type, timeline


def section(answer: Answer, name: str) -> dict[str, Event]:
    found: dict[str, Event] = answer.body.get("rooms", {}).get(name, {})
    return found


def types(events: list[Event]) -> set[str]:
    return {event["type"] for event in events}


def wish(**room: Event | bool | list[str]) -> str:
    return json.dumps({"room": room})


# --- outside ---


async def test_an_invitation_says_to_which_room_and_by_whom(wang: Account, li: Account) -> None:
    room = await wang.create_room(name="查房")
    since = await li.position()
    await wang.invite(room, li)
    events = section(await li.sync(since), "invite")[room]["invite_state"]["events"]
    # The m.room.create event is required; events have no more than these four.
    assert {"m.room.create", "m.room.name", "m.room.join_rules", "m.room.member"} <= types(events)
    assert all(set(event) == {"type", "state_key", "sender", "content"} for event in events)
    mine = [event for event in of_type(events, "m.room.member") if event["state_key"] == li.user_id]
    assert [(event["sender"], event["content"]["membership"]) for event in mine] == [(wang.user_id, "invite")]


async def test_an_invitation_stays_until_it_is_answered(wang: Account, li: Account) -> None:
    room = await wang.create_room()
    await wang.invite(room, li)
    first = await li.sync()
    assert room in section(first, "invite")
    assert room not in section(await li.sync(first["next_batch"]), "invite")
    assert room in section(await li.sync(), "invite")


async def test_an_invitation_that_is_declined_is_a_room_that_was_left(wang: Account, li: Account) -> None:
    room = await wang.create_room()
    await wang.say(room, "not for li")
    await wang.invite(room, li)
    since = await li.position()
    await li.leave(room)
    left = section(await li.sync(since), "leave")[room]
    (event,) = left["timeline"]["events"]
    assert (event["state_key"], event["content"]["membership"]) == (li.user_id, "leave")
    assert left["state"]["events"] == []


async def test_a_knock_is_shown_to_who_knocks(wang: Account, li: Account) -> None:
    rules = [{"type": "m.room.join_rules", "state_key": "", "content": {"join_rule": "knock"}}]
    room = await wang.create_room(initial_state=rules, name="查房")
    since = await li.position()
    await li.call("knockRoom", roomIdOrAlias=room, body={})
    answer = await li.sync(since)
    events = section(answer, "knock")[room]["knock_state"]["events"]
    assert {"m.room.create", "m.room.name"} <= types(events)
    await wang.call("kick", roomId=room, body={"user_id": li.user_id})
    assert room in section(await li.sync(answer["next_batch"]), "leave")


# --- left ---


async def test_who_is_banned_has_left(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    since = await li.position()
    await wang.call("ban", roomId=room, body={"user_id": li.user_id})
    await wang.set_state(room, "m.room.name", {"name": "after"})
    left = section(await li.sync(since), "leave")[room]
    assert [event["content"]["membership"] for event in left["timeline"]["events"]] == ["ban"]
    assert "m.room.name" not in types(left["state"]["events"])


async def test_a_forgotten_room_is_never_told_again(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await li.leave(room)
    assert room in section(await li.sync(filter=wish(include_leave=True)), "leave")
    await li.call("forgetRoom", roomId=room, body={})
    assert room not in section(await li.sync(filter=wish(include_leave=True)), "leave")


async def test_another_device_hears_of_the_leave_though_the_room_is_forgotten(
    server: Homeserver, wang: Account, li: Account
) -> None:
    room = await wang.create_room(li)
    phone = await server.login(li)
    since = await phone.position()
    await wang.say(room, "before")
    await li.leave(room)
    await li.call("forgetRoom", roomId=room, body={})
    left = section(await phone.sync(since), "leave")[room]
    # The history is gone with the memory of the room.
    assert types(left["timeline"]["events"]) == {"m.room.member"}


async def test_who_joined_and_left_unseen_hears_of_both(wang: Account, li: Account) -> None:
    room = await wang.create_room(name="查房")
    since = await li.position()
    await wang.invite(room, li)
    await li.join(room)
    await wang.say(room, "hello")
    await li.leave(room)
    left = section(await li.sync(since), "leave")[room]
    assert bodies(left["timeline"]["events"]) == ["hello"]
    everything = left["state"]["events"] + left["timeline"]["events"]
    assert "m.room.create" in types(everything)


async def test_who_left_and_came_back_is_told_what_is_theirs_to_see(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await wang.set_state(room, "m.room.history_visibility", {"history_visibility": "joined"})
    since = await li.position()
    await li.leave(room)
    await wang.say(room, "among ourselves")
    await wang.set_state(room, "m.room.name", {"name": "changed meanwhile"})
    await wang.invite(room, li)
    await li.join(room)
    await wang.say(room, "welcome back")
    part = joined(await li.sync(since), room)
    assert bodies(part["timeline"]["events"]) == ["welcome back"]
    # State that changed out of sight is the room's state all the same.
    names = of_type(part["state"]["events"], "m.room.name")
    assert [event["content"]["name"] for event in names] == ["changed meanwhile"]


# --- inside ---


async def test_the_summary_comes_with_each_change(wang: Account, li: Account) -> None:
    room = await wang.create_room()
    first = await wang.sync()
    assert joined(first, room)["summary"]["m.joined_member_count"] == 1
    await wang.invite(room, li)
    second = await wang.sync(first["next_batch"])
    expected = {"m.heroes": [li.user_id], "m.joined_member_count": 1, "m.invited_member_count": 1}
    assert joined(second, room)["summary"] == expected
    await li.join(room)
    third = await wang.sync(second["next_batch"])
    assert joined(third, room)["summary"] == {**expected, "m.joined_member_count": 2, "m.invited_member_count": 0}
    await li.say(room, "hello")
    assert joined(await wang.sync(third["next_batch"]), room)["summary"] == {}


async def test_a_room_that_loses_its_name_is_called_after_its_people(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, name="查房")
    assert "m.heroes" not in joined(await wang.sync(), room)["summary"]
    since = await wang.position()
    await wang.set_state(room, "m.room.name", {"name": ""})
    assert joined(await wang.sync(since), room)["summary"]["m.heroes"] == [li.user_id]
    await li.leave(room)
    # When no joined or invited members are available, this should consist of the banned and left users.
    assert joined(await wang.sync(), room)["summary"]["m.heroes"] == [li.user_id]


async def test_tags_and_markers_are_news(server: Homeserver, wang: Account) -> None:
    room = await wang.create_room()
    phone = await server.login(wang)
    since = await phone.position()
    waiting = asyncio.create_task(phone.sync(since, timeout_ms=30_000))
    await wang.call("setRoomTag", userId=wang.user_id, roomId=room, tag="m.favourite", body={"order": 0.5})
    answer = await asyncio.wait_for(waiting, timeout=10)
    part = joined(answer, room)
    assert part["account_data"]["events"] == [{"type": "m.tag", "content": {"tags": {"m.favourite": {"order": 0.5}}}}]
    assert part["timeline"]["events"] == []


async def test_each_thread_is_counted_by_itself_where_asked(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    root = await wang.say(room, "root")
    await wang.say(room, "reply", **{"m.relates_to": {"rel_type": "m.thread", "event_id": root}})
    together = joined(await li.sync(), room)
    assert together["unread_notifications"]["notification_count"] == 2
    apart = joined(await li.sync(filter=wish(timeline={"unread_thread_notifications": True})), room)
    assert apart["unread_notifications"]["notification_count"] == 1
    assert apart["unread_thread_notifications"] == {root: {"notification_count": 1, "highlight_count": 0}}


async def test_in_a_muted_room_only_what_is_said_to_me_counts(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await li.call("setPushRule", kind="room", ruleId=room, body={"actions": []})
    await wang.say(room, "to all")
    await wang.say(room, "to li", **{"m.mentions": {"user_ids": [li.user_id]}})
    expected = {"notification_count": 1, "highlight_count": 1}
    assert joined(await li.sync(), room)["unread_notifications"] == expected


async def test_what_is_redacted_no_longer_counts(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    said = await wang.say(room, "a slip", **{"m.mentions": {"user_ids": [li.user_id]}})
    first = await li.sync()
    assert joined(first, room)["unread_notifications"] == {"notification_count": 1, "highlight_count": 1}
    await wang.redact(room, said)
    counts = {"notification_count": 0, "highlight_count": 0}
    assert joined(await li.sync(first["next_batch"]), room)["unread_notifications"] == counts


async def test_a_private_receipt_wakes_nobody_else(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    said = await wang.say(room, "please read")
    since = await wang.position()
    waiting = asyncio.create_task(wang.sync(since, timeout_ms=1_000))
    await li.call("postReceipt", roomId=room, receiptType="m.read.private", eventId=said, body={})
    assert section(await waiting, "join") == {}
    assert section(await wang.sync(since), "join") == {}


async def test_who_reads_in_a_thread_and_outside_has_a_receipt_in_each(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    said = await wang.say(room, "please read")
    for body in ({}, {"thread_id": "main"}):
        await li.call("postReceipt", roomId=room, receiptType="m.read", eventId=said, body=body)
    events = ephemeral(await wang.sync(), room, "m.receipt")
    receipts = [event["content"][said]["m.read"][li.user_id] for event in events]
    assert sorted(receipt.get("thread_id", "") for receipt in receipts) == ["", "main"]


# --- left out ---


async def test_a_filter_loses_no_state(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, name="early")
    only_messages = wish(timeline={"types": ["m.room.message"]})
    since = (await li.sync(filter=only_messages))["next_batch"]
    await wang.set_state(room, "m.room.name", {"name": "late"})
    await wang.say(room, "hello")
    part = joined(await li.sync(since, filter=only_messages), room)
    assert types(part["timeline"]["events"]) == {"m.room.message"}
    assert [event["content"]["name"] for event in of_type(part["state"]["events"], "m.room.name")] == ["late"]


async def test_no_timeline_where_none_is_wanted(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    since = await li.position()
    await wang.say(room, "hello")
    part = joined(await li.sync(since, filter=wish(timeline={"limit": 0})), room)
    assert (part["timeline"]["events"], part["timeline"]["limited"]) == ([], True)
    assert part["unread_notifications"]["notification_count"] == 1


async def test_links_are_chosen_by_their_url(wang: Account) -> None:
    room = await wang.create_room()
    since = await wang.position()
    await wang.say(room, "plain")
    await wang.say(room, "linked", url="mxc://example.org/file")
    for wanted, texts in ((True, ["linked"]), (False, ["plain"])):
        filtered = wish(timeline={"contains_url": wanted, "types": ["m.room.message"]})
        assert bodies(timeline(await wang.sync(since, filter=filtered), room)) == texts
        assert bodies(timeline(await wang.sync(filter=filtered), room)) == texts


async def test_sections_are_filtered_by_type(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    said = await wang.say(room, "please read")
    await li.call("postReceipt", roomId=room, receiptType="m.read", eventId=said, body={})
    await wang.call("setRoomTag", userId=wang.user_id, roomId=room, tag="u.work", body={})
    nothing: Event = {"types": []}
    choice = {"room": {"ephemeral": nothing, "account_data": nothing, "state": nothing}, "account_data": nothing}
    answer = await wang.sync(filter=json.dumps(choice))
    part = joined(answer, room)
    assert [part[name]["events"] for name in ("ephemeral", "account_data", "state")] == [[], [], []]
    assert answer.body.get("account_data", {}).get("events", []) == []


async def test_only_the_fields_that_are_wanted(wang: Account) -> None:
    room = await wang.create_room()
    await wang.say(room, "hello")
    wanted = {"event_fields": ["event_id", "type", "content.body", "origin_server_ts", "sender"]}
    # Less than the specification's schema asks for, so past the contract.
    response = await wang.contract.http.get(
        "/_matrix/client/v3/sync",
        params={"filter": json.dumps(wanted)},
        headers={"Authorization": f"Bearer {wang.access_token}"},
    )
    events = response.json()["rooms"]["join"][room]["timeline"]["events"]
    assert of_type(events, "m.room.message")[0]["content"] == {"body": "hello"}
    assert "unsigned" not in events[0]


async def test_a_lost_answer_takes_no_member_with_it(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, name="查房")
    for number in range(3):
        await wang.say(room, f"{number}")
    lazy = wish(timeline={"limit": 2}, state={"lazy_load_members": True})
    since = (await wang.sync(filter=lazy))["next_batch"]
    await li.say(room, "good morning")
    for _ in range(2):
        events = joined(await wang.sync(since, filter=lazy), room)["state"]["events"]
        assert li.user_id in {event["state_key"] for event in events}
    since = (await wang.sync(since, filter=lazy))["next_batch"]
    await li.say(room, "again")
    assert joined(await wang.sync(since, filter=lazy), room)["state"]["events"] == []


@pytest.mark.parametrize("format_name", ["client", "federation"])
async def test_events_come_as_clients_know_them(wang: Account, format_name: str) -> None:
    room = await wang.create_room()
    said = await wang.say(room, "hello")
    answer = await wang.sync(filter=json.dumps({"event_format": format_name}))
    assert said in event_ids(timeline(answer, room))
