"""Relations: reactions, edits, references and threads, listed by the event they belong to."""

import pytest

from tests.contract.people import Account, Event, event_ids

UNKNOWN = "$unknown"


async def relate(account: Account, room_id: str, rel_type: str, parent: str, event_type: str = "m.room.message") -> str:
    relation: Event = {"rel_type": rel_type, "event_id": parent}
    if rel_type == "m.annotation":
        relation["key"] = "👍"
    content = {"msgtype": "m.text", "body": rel_type, "m.relates_to": relation}
    if rel_type == "m.replace":
        content["m.new_content"] = {"msgtype": "m.text", "body": "better"}
    event_id: str = (await account.send(room_id, content, event_type=event_type))["event_id"]
    return event_id


async def test_children_are_listed_newest_first(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    parent = await wang.say(room, "round at eight")
    children = [
        await relate(li, room, "m.annotation", parent, "m.reaction"),
        await relate(li, room, "m.thread", parent),
        await relate(wang, room, "m.reference", parent, "org.example.note"),
    ]
    chunk = (await wang.call("getRelatingEvents", roomId=room, eventId=parent))["chunk"]
    assert event_ids(chunk) == children[::-1]
    forwards = await wang.call("getRelatingEvents", roomId=room, eventId=parent, query={"dir": "f"})
    assert event_ids(forwards["chunk"]) == children


async def test_the_kind_and_the_type_narrow_the_list(wang: Account) -> None:
    room = await wang.create_room()
    parent = await wang.say(room, "round at eight")
    reaction = await relate(wang, room, "m.annotation", parent, "m.reaction")
    message = await relate(wang, room, "m.thread", parent)
    note = await relate(wang, room, "m.thread", parent, "org.example.note")
    place = {"roomId": room, "eventId": parent}
    of_kind = await wang.call("getRelatingEventsWithRelType", **place, relType="m.thread")
    assert event_ids(of_kind["chunk"]) == [note, message]
    narrow = await wang.call(
        "getRelatingEventsWithRelTypeAndEventType", **place, relType="m.thread", eventType="org.example.note"
    )
    assert event_ids(narrow["chunk"]) == [note]
    reactions = await wang.call("getRelatingEventsWithRelType", **place, relType="m.annotation")
    assert event_ids(reactions["chunk"]) == [reaction]


async def test_state_comes_without_what_relates_to_it(wang: Account) -> None:
    room = await wang.create_room()
    topic: str = (await wang.set_state(room, "m.room.topic", {"topic": "rounds"}))["event_id"]
    reply = await relate(wang, room, "m.thread", topic)
    shown = await wang.call("getOneRoomEvent", roomId=room, eventId=topic)
    assert "m.relations" not in shown["unsigned"]
    assert event_ids((await wang.call("getRelatingEvents", roomId=room, eventId=topic))["chunk"]) == [reply]


async def test_the_list_comes_in_pages(wang: Account) -> None:
    room = await wang.create_room()
    parent = await wang.say(room, "round at eight")
    children = [await relate(wang, room, "m.thread", parent) for _ in range(5)]
    found: list[str] = []
    query: dict[str, str | int] = {"limit": 2}
    while True:
        page = await wang.call("getRelatingEvents", roomId=room, eventId=parent, query=query)
        found += event_ids(page["chunk"])
        if "next_batch" not in page:
            break
        query = {"limit": 2, "from": page["next_batch"]}
    assert found == children[::-1]


async def test_children_of_children_on_request(wang: Account) -> None:
    room = await wang.create_room()
    root = await wang.say(room, "thread")
    reply = await relate(wang, room, "m.thread", root)
    edit = await relate(wang, room, "m.replace", reply)
    flat = await wang.call("getRelatingEvents", roomId=room, eventId=root)
    assert event_ids(flat["chunk"]) == [reply]
    deep = await wang.call("getRelatingEvents", roomId=room, eventId=root, query={"recurse": "true"})
    assert event_ids(deep["chunk"]) == [edit, reply]
    assert deep["recursion_depth"] >= 2


async def test_of_children_of_children_the_page_has_the_nearest(wang: Account) -> None:
    room = await wang.create_room()
    root = await wang.say(room, "thread")
    replies = [await relate(wang, room, "m.thread", root) for _ in range(3)]
    reactions = [await relate(wang, room, "m.annotation", reply, "m.reaction") for reply in replies]
    newest = await wang.call("getRelatingEvents", roomId=room, eventId=root, query={"recurse": "true", "limit": 4})
    assert event_ids(newest["chunk"]) == [*reactions[::-1], replies[-1]]
    oldest = {"recurse": "true", "limit": 4, "dir": "f"}
    assert event_ids((await wang.call("getRelatingEvents", roomId=room, eventId=root, query=oldest))["chunk"]) == [
        *replies,
        reactions[0],
    ]


async def test_a_redacted_child_is_no_child(wang: Account) -> None:
    room = await wang.create_room()
    parent = await wang.say(room, "round at eight")
    reaction = await relate(wang, room, "m.annotation", parent, "m.reaction")
    await wang.redact(room, reaction)
    assert (await wang.call("getRelatingEvents", roomId=room, eventId=parent))["chunk"] == []


RELATIONS: dict[str, dict[str, str]] = {
    "getRelatingEvents": {},
    "getRelatingEventsWithRelType": {"relType": "m.thread"},
    "getRelatingEventsWithRelTypeAndEventType": {"relType": "m.thread", "eventType": "m.room.message"},
}


@pytest.mark.parametrize("operation", RELATIONS)
async def test_only_who_sees_the_parent_sees_its_children(wang: Account, li: Account, operation: str) -> None:
    room = await wang.create_room()
    parent = await wang.say(room, "private")
    await relate(wang, room, "m.thread", parent)
    wish = RELATIONS[operation]
    assert (await wang.call(operation, roomId=room, eventId=parent, **wish))["chunk"]
    await wang.call(operation, roomId=room, eventId=UNKNOWN, **wish, expect=(404, "M_NOT_FOUND"))
    refused = await li.contract.http.get(
        f"/_matrix/client/v1/rooms/{room}/relations/{parent}", headers={"Authorization": f"Bearer {li.access_token}"}
    )
    assert refused.status_code in (403, 404)
