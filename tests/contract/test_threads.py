"""Threads, edits and references as they are bundled; what is recalled is gone from all of it."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.contract.people import Account, Event, event_ids


async def answer_in(account: Account, room: str, root: str, text: str) -> str:
    """A message in a thread."""
    return await account.say(room, text, **{"m.relates_to": {"rel_type": "m.thread", "event_id": root}})


async def edit(account: Account, room: str, event_id: str, text: str) -> str:
    return await account.say(
        room,
        f"* {text}",
        **{
            "m.new_content": {"msgtype": "m.text", "body": text},
            "m.relates_to": {"rel_type": "m.replace", "event_id": event_id},
        },
    )


async def event(account: Account, room: str, event_id: str) -> Event:
    shown: Event = (await account.call("getOneRoomEvent", roomId=room, eventId=event_id)).body
    return shown


def relations(shown: Event) -> dict[str, Any]:
    found: dict[str, Any] = shown["unsigned"].get("m.relations", {})
    return found


async def test_a_thread_is_bundled_with_its_root(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    root = await wang.say(room, "bed 3: potassium?")
    await answer_in(wang, room, root, "taken at eight")
    last = await answer_in(wang, room, root, "5.9, repeated")
    await edit(wang, room, last, "5.9, repeated twice")
    thread = relations(await event(li, room, root))["m.thread"]
    assert (thread["count"], thread["current_user_participated"]) == (2, False)
    assert thread["latest_event"]["event_id"] == last
    latest_edit = relations(thread["latest_event"])["m.replace"]
    assert latest_edit["content"]["m.new_content"]["body"] == "5.9, repeated twice"
    assert relations(await event(wang, room, root))["m.thread"]["current_user_participated"] is True


async def test_threads_are_listed_by_their_latest_message(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    roots = [await wang.say(room, f"question {number}") for number in range(3)]
    await answer_in(li, room, roots[0], "answer")
    await answer_in(wang, room, roots[2], "answer")
    await answer_in(wang, room, roots[1], "answer")
    first = await li.call("getThreadRoots", roomId=room, query={"limit": 2})
    assert event_ids(first["chunk"]) == [roots[1], roots[2]]
    rest = await li.call("getThreadRoots", roomId=room, query={"limit": 2, "from": first["next_batch"]})
    assert event_ids(rest["chunk"]) == [roots[0]] and "next_batch" not in rest
    mine = await li.call("getThreadRoots", roomId=room, query={"include": "participated"})
    assert event_ids(mine["chunk"]) == [roots[0]]
    await li.call("getThreadRoots", roomId=room, query={"include": "some"}, expect=(400, "M_INVALID_PARAM"))


async def test_strangers_see_no_threads(wang: Account, li: Account) -> None:
    room = await wang.create_room()
    await li.call("getThreadRoots", roomId=room, expect=(403, "M_FORBIDDEN"))


async def test_a_thread_begins_with_a_message_of_its_own(wang: Account) -> None:
    room = await wang.create_room()
    root = await wang.say(room, "root")
    reply = await answer_in(wang, room, root, "reply")
    deeper = {"msgtype": "m.text", "body": "x", "m.relates_to": {"rel_type": "m.thread", "event_id": reply}}
    await wang.send(room, deeper, expect=(400, "M_UNKNOWN"))


async def test_what_is_recalled_is_gone_from_edits_threads_and_counts(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    root = await wang.say(room, "root")
    reply = await answer_in(wang, room, root, "wrong patient")
    changed = await edit(wang, room, reply, "wrong patient, sorry")
    await wang.redact(room, reply)
    assert "m.thread" not in relations(await event(li, room, root))
    assert (await li.call("getThreadRoots", roomId=room))["chunk"] == []
    # The edit says what the original said: it went with it, and no later edit brings it back.
    assert (await event(li, room, changed))["content"].get("m.new_content") is None
    again = {
        "msgtype": "m.text",
        "body": "* wrong patient",
        "m.new_content": {"msgtype": "m.text", "body": "wrong patient"},
        "m.relates_to": {"rel_type": "m.replace", "event_id": reply},
    }
    await wang.send(room, again, expect=(403, "M_FORBIDDEN"))


async def test_of_equal_reactions_at_the_same_moment_one_stands(wang: Account) -> None:
    room = await wang.create_room()
    parent = await wang.say(room, "round at eight")
    content = {"m.relates_to": {"rel_type": "m.annotation", "event_id": parent, "key": "👍"}}
    sending = (wang.send(room, content, "m.reaction", f"r{number}") for number in range(8))
    answers = await asyncio.gather(*sending, return_exceptions=True)
    assert sum(not isinstance(answer, AssertionError) for answer in answers) == 1
    await wang.send(room, content, "m.reaction", expect=(400, "M_DUPLICATE_ANNOTATION"))
    other = {"m.relates_to": {"rel_type": "m.annotation", "event_id": parent, "key": "收"}}
    await wang.send(room, other, "m.reaction")


async def test_relations_that_lead_nowhere_do_no_harm(wang: Account, li: Account) -> None:
    room, elsewhere = await wang.create_room(li), await wang.create_room()
    foreign = await wang.say(elsewhere, "in another room")
    here = await wang.say(room, "here")
    strange: list[Any] = [
        {"rel_type": "m.thread", "event_id": foreign},
        {"rel_type": "m.reference", "event_id": foreign},
        {"rel_type": "m.thread", "event_id": "$" + "a" * 43},
        {"rel_type": "m.replace"},
        {"rel_type": 1, "event_id": here},
        {"rel_type": "m.thread", "event_id": [here]},
        [],
        "m.thread",
        None,
    ]
    for relation in strange:
        await wang.send(room, {"msgtype": "m.text", "body": "x", "m.relates_to": relation})
    assert relations(await event(wang, elsewhere, foreign)) == {}
    assert relations(await event(li, room, here)) == {}
    assert (await li.call("getThreadRoots", roomId=room))["chunk"] == []


async def test_a_thread_without_a_root_here_is_no_thread(wang: Account) -> None:
    elsewhere, room = await wang.create_room(), await wang.create_room()
    root = await wang.say(room, "question")
    await answer_in(wang, room, root, "answer")
    await answer_in(wang, room, await wang.say(elsewhere, "another"), "answer")
    await answer_in(wang, room, "$unknown", "answer")
    page = await wang.call("getThreadRoots", roomId=room, query={"limit": 5})
    assert event_ids(page["chunk"]) == [root]
    first = await wang.call("getThreadRoots", roomId=room, query={"limit": 1})
    assert event_ids(first["chunk"]) == [root] or first["next_batch"]
