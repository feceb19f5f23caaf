"""What counts as unread in which thread, and whom an edit notifies."""

from __future__ import annotations

import json
from typing import Any

from tests.contract.people import Account, Event, joined

APART = json.dumps({"room": {"timeline": {"unread_thread_notifications": True}}})


def related(rel_type: str, parent: str, **more: Any) -> Event:
    return {"m.relates_to": {"rel_type": rel_type, "event_id": parent, **more}}


def mentioning(*people: Account) -> Event:
    return {"m.mentions": {"user_ids": [person.user_id for person in people]}}


def edit(parent: str, new: Event, **top: Any) -> Event:
    return {**related("m.replace", parent), **top, "m.new_content": {"msgtype": "m.text", "body": "better", **new}}


async def counts(account: Account, room: str) -> tuple[int, dict[str, int]]:
    """Unread in the main timeline, and in each thread that has something."""
    shown = joined(await account.sync(filter=APART), room)
    threads = shown.get("unread_thread_notifications", {})
    found = {root: count["notification_count"] for root, count in threads.items() if count["notification_count"]}
    return shown["unread_notifications"]["notification_count"], found


async def read(account: Account, room: str, event_id: str, **body: str) -> None:
    await account.call("postReceipt", roomId=room, receiptType="m.read", eventId=event_id, body=body)


async def highlights(account: Account, room: str) -> int:
    count: int = joined(await account.sync(), room)["unread_notifications"]["highlight_count"]
    return count


async def lettered(wang: Account, room: str) -> dict[str, str]:
    """A and B begin threads; C, E, G, H are in A's, D and F in B's, I is in none."""
    said = {name: await wang.say(room, name) for name in "AB"}
    for name, root in zip("CDEFGH", "ABABAA", strict=True):
        said[name] = await wang.say(room, name, **related("m.thread", said[root]))
    return said | {"I": await wang.say(room, "I")}


async def test_a_receipt_reads_its_own_thread(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    said = await lettered(wang, room)
    a, b = said["A"], said["B"]
    assert await counts(li, room) == (3, {a: 4, b: 2})
    await read(li, room, said["E"], thread_id=a)
    assert await counts(li, room) == (3, {a: 2, b: 2})
    await read(li, room, said["I"], thread_id="main")
    assert await counts(li, room) == (0, {a: 2, b: 2})
    await read(li, room, said["H"], thread_id=a)
    assert await counts(li, room) == (0, {b: 2})


async def test_a_receipt_without_a_thread_reads_all_before_it(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    said = await lettered(wang, room)
    await read(li, room, said["D"])
    assert await counts(li, room) == (1, {said["A"]: 3, said["B"]: 1})
    await read(li, room, said["I"])
    assert await counts(li, room) == (0, {})


async def test_what_relates_to_a_thread_is_in_it(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    root = await wang.say(room, "root")
    reply = await wang.say(room, "reply", **related("m.thread", root))
    note = await wang.say(room, "about the reply", **related("m.reference", reply))
    await wang.say(room, "about that", **related("m.reference", note))
    # What relates to the root otherwise is in the main timeline, as the root is.
    await wang.say(room, "about the root", **related("m.reference", root))
    assert await counts(li, room) == (2, {root: 3})
    await read(li, room, note, thread_id=root)
    assert await counts(li, room) == (2, {root: 1})
    await li.call(
        "postReceipt",
        roomId=room,
        receiptType="m.read",
        eventId=note,
        body={"thread_id": "main"},
        expect=(400, "M_INVALID_PARAM"),
    )


async def test_edits_and_reactions_do_not_count(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    root = await wang.say(room, "root")
    reply = await wang.say(room, "reply", **related("m.thread", root))
    await wang.say(room, "* better", **edit(reply, {}))
    await wang.send(room, related("m.annotation", reply, key="👍"), event_type="m.reaction")
    assert await counts(li, room) == (1, {root: 1})


async def test_an_edit_notifies_whom_it_mentions_anew(wang: Account, li: Account, zhao: Account) -> None:
    room = await wang.create_room(li, zhao)
    said = await wang.say(room, "for li", **mentioning(li))
    for person in (li, zhao):
        await read(person, room, said)
    changed = await wang.say(room, "* for both", **edit(said, mentioning(li, zhao), **mentioning(zhao)))
    assert (await highlights(li, room), await highlights(zhao, room)) == (0, 1)
    # Taken back with what it changed.
    await wang.redact(room, said)
    assert await highlights(zhao, room) == 0
    assert (await zhao.call("getOneRoomEvent", roomId=room, eventId=changed))["content"].get("body") is None
