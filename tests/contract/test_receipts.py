"""Receipts, read markers and typing: who has read what, and who is writing."""

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.people import Account, Event, ephemeral, joined


async def receipt(account: Account, room_id: str, event_id: str, kind: str = "m.read", **arguments: object) -> None:
    body = arguments.pop("body", {})
    await account.call("postReceipt", roomId=room_id, receiptType=kind, eventId=event_id, body=body, **arguments)


async def seen_receipts(account: Account, room_id: str, since: str | None = None) -> dict[str, Event]:
    """Map event id to `{kind: {user_id: receipt}}`, over all receipts of one sync."""
    found: dict[str, Event] = {}
    for event in ephemeral(await account.sync(since), room_id, "m.receipt"):
        found.update(event["content"])
    return found


async def counts(account: Account, room_id: str) -> int:
    unread: int = joined(await account.sync(), room_id)["unread_notifications"]["notification_count"]
    return unread


async def test_the_sender_sees_that_it_was_read(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    event_id = await wang.say(room, "please read")
    since = await wang.position()
    await receipt(li, room, event_id)
    by = (await seen_receipts(wang, room, since))[event_id]["m.read"]
    assert list(by) == [li.user_id]
    assert isinstance(by[li.user_id]["ts"], int)


async def test_only_the_latest_receipt_is_shown(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    first, second = await wang.say(room, "one"), await wang.say(room, "two")
    await receipt(li, room, first)
    await receipt(li, room, second)
    assert li.user_id not in (await seen_receipts(wang, room)).get(first, {}).get("m.read", {})
    assert li.user_id in (await seen_receipts(wang, room))[second]["m.read"]


async def test_a_private_receipt_is_its_owners_alone(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    event_id = await wang.say(room, "please read")
    since = await wang.position()
    await receipt(li, room, event_id, "m.read.private")
    assert li.user_id not in str(await seen_receipts(wang, room, since))
    assert li.user_id in (await seen_receipts(li, room))[event_id]["m.read.private"]


async def test_a_private_receipt_clears_the_count(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    event_id = await wang.say(room, "please read")
    assert await counts(li, room) == 1
    await receipt(li, room, event_id, "m.read.private")
    assert await counts(li, room) == 0


async def test_a_receipt_has_its_thread(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    root = await wang.say(room, "thread")
    reply = await wang.say(room, "reply", **{"m.relates_to": {"rel_type": "m.thread", "event_id": root}})
    await receipt(li, room, reply, body={"thread_id": root})
    assert (await seen_receipts(wang, room))[reply]["m.read"][li.user_id]["thread_id"] == root
    await receipt(li, room, root, body={"thread_id": "main"})
    assert (await seen_receipts(wang, room))[root]["m.read"][li.user_id]["thread_id"] == "main"


@pytest.mark.parametrize("thread_id", ["", 7, None])
async def test_a_thread_must_be_a_name(wang: Account, thread_id: object) -> None:
    room = await wang.create_room()
    event_id = await wang.say(room, "x")
    await receipt(wang, room, event_id, body={"thread_id": thread_id}, expect=(400, "M_INVALID_PARAM"))


async def test_a_thread_must_be_the_events_own(wang: Account) -> None:
    room = await wang.create_room()
    root, elsewhere = await wang.say(room, "thread"), await wang.say(room, "not in it")
    await receipt(wang, room, elsewhere, body={"thread_id": root}, expect=(400, "M_INVALID_PARAM"))
    # It is provided for an incompatible receipt type.
    await receipt(wang, room, root, "m.fully_read", body={"thread_id": "main"}, expect=(400, "M_INVALID_PARAM"))


async def test_an_unknown_kind_of_receipt_is_refused(wang: Account) -> None:
    room = await wang.create_room()
    event_id = await wang.say(room, "x")
    await receipt(wang, room, event_id, "org.example.glanced", expect=(400, "M_INVALID_PARAM"))


async def test_strangers_read_nothing_and_say_so_to_nobody(wang: Account, li: Account) -> None:
    room = await wang.create_room()
    event_id = await wang.say(room, "x")
    await receipt(li, room, event_id, expect=(403, "M_FORBIDDEN"))
    await li.call("setReadMarker", roomId=room, body={"m.read": event_id}, expect=(403, "M_FORBIDDEN"))
    assert li.user_id not in str(await seen_receipts(wang, room))


async def test_the_marker_is_account_data_of_the_room(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    event_id = await wang.say(room, "here I was")
    await receipt(li, room, event_id, "m.fully_read")
    events = joined(await li.sync(), room)["account_data"]["events"]
    assert {"type": "m.fully_read", "content": {"event_id": event_id}} in events


async def test_marker_and_receipts_in_one_call(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    first, second = await wang.say(room, "one"), await wang.say(room, "two")
    body = {"m.fully_read": first, "m.read": first, "m.read.private": second}
    await li.call("setReadMarker", roomId=room, body=body)
    answer = await li.sync()
    events = joined(answer, room)["account_data"]["events"]
    assert {"type": "m.fully_read", "content": {"event_id": first}} in events
    seen = await seen_receipts(li, room)
    assert li.user_id in seen[first]["m.read"]
    assert li.user_id in seen[second]["m.read.private"]
    assert await counts(li, room) == 0


async def test_markers_need_a_token(server: Homeserver, wang: Account) -> None:
    room = await wang.create_room()
    await server.call("setReadMarker", roomId=room, body={}, expect=(401, "M_MISSING_TOKEN"))


async def test_a_message_counts_until_it_is_read(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await receipt(li, room, await wang.say(room, "old"))
    last = [await wang.say(room, f"{number}") for number in range(3)][-1]
    assert (await counts(li, room), await counts(wang, room)) == (3, 0)
    await receipt(li, room, last)
    assert await counts(li, room) == 0


async def test_a_word_to_me_is_a_highlight(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await wang.say(room, "for li", **{"m.mentions": {"user_ids": [li.user_id]}})
    unread = joined(await li.sync(), room)["unread_notifications"]
    assert (unread["notification_count"], unread["highlight_count"]) == (1, 1)


async def test_the_other_sees_who_types(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    since = await li.position()
    place = {"roomId": room, "userId": wang.user_id}
    await wang.call("setTyping", **place, body={"typing": True, "timeout": 30_000})
    answer = await li.sync(since, timeout_ms=5_000)
    assert ephemeral(answer, room, "m.typing")[-1]["content"]["user_ids"] == [wang.user_id]
    await wang.call("setTyping", **place, body={"typing": False})
    answer = await li.sync(answer["next_batch"], timeout_ms=5_000)
    assert ephemeral(answer, room, "m.typing")[-1]["content"]["user_ids"] == []


async def test_one_types_only_for_oneself_and_where_one_is(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    body = {"typing": True, "timeout": 1_000}
    await li.call("setTyping", roomId=room, userId=wang.user_id, body=body, expect=(403, "M_FORBIDDEN"))
    await li.leave(room)
    await li.call("setTyping", roomId=room, userId=li.user_id, body=body, expect=(403, "M_FORBIDDEN"))
