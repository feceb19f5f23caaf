"""What is bundled with an event shows nobody more than they may see; what is no edit is not bundled as one."""

from __future__ import annotations

import json
from typing import Any

from tests.contract.people import Account, Event

JOINED_ONLY = {
    "type": "m.room.history_visibility",
    "state_key": "",
    "content": {"history_visibility": "joined"},
}
FAR_BACK = json.dumps({"room": {"timeline": {"limit": 50}}})
HIDDEN = "said while he was away"


def related(rel_type: str, parent: str) -> Event:
    return {"m.relates_to": {"rel_type": rel_type, "event_id": parent}}


def edited(parent: str, text: str) -> Event:
    return {**related("m.replace", parent), "m.new_content": {"msgtype": "m.text", "body": text}}


async def bundled(account: Account, room: str, event_id: str) -> dict[str, Any]:
    shown = await account.call("getOneRoomEvent", roomId=room, eventId=event_id)
    found: dict[str, Any] = shown["unsigned"].get("m.relations", {})
    return found


async def test_nothing_of_an_absence_comes_with_what_was_seen_before(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, preset="public_chat", initial_state=[JOINED_ONLY])
    since = (await li.call("sync"))["next_batch"]
    root = await wang.say(room, "seen")
    await li.leave(room)
    await wang.say(room, HIDDEN, **related("m.thread", root))
    await wang.say(room, HIDDEN, **edited(root, HIDDEN))
    await li.join(room)
    for query in ({"filter": FAR_BACK}, {"filter": FAR_BACK, "since": since}):
        answer = await li.call("sync", query=query)
        events = answer["rooms"]["join"][room]["timeline"]["events"]
        assert root in [event["event_id"] for event in events]
        assert HIDDEN not in json.dumps(events)
    page = await li.call("getRoomEvents", roomId=room, query={"dir": "b", "limit": 50})
    assert root in json.dumps(page["chunk"]) and HIDDEN not in json.dumps(page["chunk"])
    assert await bundled(li, room, root) == {}


async def test_whoever_left_still_lists_the_threads_they_saw(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    root = await wang.say(room, "bed 3: potassium?")
    seen = await wang.say(room, "taken at eight", **related("m.thread", root))
    await li.leave(room)
    await wang.say(room, HIDDEN, **related("m.thread", root))
    (shown,) = (await li.call("getThreadRoots", roomId=room))["chunk"]
    thread = shown["unsigned"]["m.relations"]["m.thread"]
    assert (shown["event_id"], thread["latest_event"]["event_id"], thread["count"]) == (root, seen, 1)


async def test_an_edit_without_new_content_is_none(wang: Account) -> None:
    room = await wang.create_room()
    message = await wang.say(room, "potasium")
    good = await wang.say(room, "* potassium", **edited(message, "potassium"))
    await wang.say(room, "* nothing new", **related("m.replace", message))
    assert (await bundled(wang, room, message))["m.replace"]["event_id"] == good
