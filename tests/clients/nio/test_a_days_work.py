"""王护士 and 李医生 answer in threads, correct and recall what they said, react, and see how far the other has read."""

import io
from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any

import pytest
from nio import (
    MegolmEvent,
    ReactionEvent,
    ReceiptType,
    RoomMessageText,
    RoomRedactResponse,
    RoomSendResponse,
    ThumbnailResponse,
    UpdateReceiptMarkerResponse,
    UploadResponse,
)
from nio.api import RelationshipType
from PIL import Image

from tests.clients.nio.devices import Device
from tests.clients.nio.wards import Ward

pytestmark = [pytest.mark.clients, pytest.mark.slow]

QUESTION, ANSWERS = "bed 3: potassium?", ["taken at eight", "3.1"]


def text(body: str) -> dict[str, Any]:
    return {"msgtype": "m.text", "body": body}


def relating(rel_type: str, event_id: str, **more: Any) -> dict[str, Any]:
    return {"m.relates_to": {"rel_type": rel_type, "event_id": event_id, **more}}


async def opened(device: Device, events: AsyncIterator[Any]) -> list[Any]:
    """Events that the server listed, decrypted where they are sealed."""
    listed = [event async for event in events]
    return [device.client.decrypt_event(event) if isinstance(event, MegolmEvent) else event for event in listed]


async def related(device: Device, room_id: str, event_id: str, kind: RelationshipType) -> list[Any]:
    """What relates to an event in one way, oldest first."""
    return (await opened(device, device.client.room_get_event_relations(room_id, event_id, kind)))[::-1]


async def bundled(events: AsyncIterator[Any]) -> Mapping[str, Mapping[str, Any]]:
    """What the server says beside each event that it lists of what relates to it; nio drops that where it decrypts."""
    return {event.event_id: event.source.get("unsigned", {}).get("m.relations", {}) async for event in events}


async def thread_of(ward: Ward, root: str) -> Mapping[str, Any]:
    """What the server says of a thread beside its root."""
    thread: Mapping[str, Any] = (await bundled(ward.wang.client.room_get_threads(ward.room_id)))[root]["m.thread"]
    return thread


async def a_thread(ward: Ward) -> tuple[str, list[str]]:
    """王护士 asks, 李医生 answers in a thread, and she has read it: the ids of the question and of the answers."""
    root = await ward.wang.send(ward.room_id, text(QUESTION))
    await ward.li.turn_until(partial(ward.li.heard, ward.wang, QUESTION))
    in_thread = relating("m.thread", root)
    answers = [await ward.li.send(ward.room_id, text(body) | in_thread) for body in ANSWERS]
    await ward.wang.turn_until(partial(ward.wang.heard, ward.li, ANSWERS[-1]))
    return root, answers


async def test_answers_make_a_thread_that_is_listed(ward: Ward) -> None:
    root, answers = await a_thread(ward)
    (listed,) = await opened(ward.wang, ward.wang.client.room_get_threads(ward.room_id))
    assert (listed.event_id, listed.body) == (root, QUESTION)
    found = await related(ward.wang, ward.room_id, root, RelationshipType.thread)
    assert [event.body for event in found] == ANSWERS
    thread = await thread_of(ward, root)
    assert (thread["count"], thread["latest_event"]["event_id"]) == (2, answers[-1])
    assert thread["current_user_participated"] is True


async def test_a_correction_comes_with_what_it_corrects(ward: Ward) -> None:
    root, answers = await a_thread(ward)
    corrected = text("* 3.7") | {"m.new_content": text("3.7")} | relating("m.replace", answers[1])
    edit = await ward.li.send(ward.room_id, corrected)
    await ward.wang.turn_until(partial(ward.wang.heard, ward.li, "* 3.7"))
    beside = await bundled(ward.wang.client.room_get_event_relations(ward.room_id, root, RelationshipType.thread))
    assert beside[answers[1]]["m.replace"]["event_id"] == edit
    (found,) = await related(ward.wang, ward.room_id, answers[1], RelationshipType.replacement)
    assert isinstance(found, RoomMessageText)
    assert found.source["content"]["m.new_content"]["body"] == "3.7"
    # A correction is no further answer.
    assert (await thread_of(ward, root))["count"] == 2


async def test_a_reaction_is_found_once(ward: Ward) -> None:
    _, answers = await a_thread(ward)
    thanks = relating("m.annotation", answers[0], key="👍")
    sent = await ward.wang.client.room_send(ward.room_id, "m.reaction", thanks)
    assert isinstance(sent, RoomSendResponse), sent
    again = await ward.wang.client.room_send(ward.room_id, "m.reaction", thanks)
    assert not isinstance(again, RoomSendResponse)
    (found,) = await related(ward.li, ward.room_id, answers[0], RelationshipType.annotation)
    assert isinstance(found, ReactionEvent)
    assert (found.sender, found.reacts_to, found.key) == (ward.wang.user_id, answers[0], "👍")


async def test_a_recalled_answer_is_no_part_of_the_thread(ward: Ward) -> None:
    root, answers = await a_thread(ward)
    recalled = await ward.li.client.room_redact(ward.room_id, answers[1], "wrong bed")
    assert isinstance(recalled, RoomRedactResponse), recalled
    found = await related(ward.wang, ward.room_id, root, RelationshipType.thread)
    assert [event.body for event in found] == ANSWERS[:1]
    thread = await thread_of(ward, root)
    assert (thread["count"], thread["latest_event"]["event_id"]) == (1, answers[0])


async def test_a_thread_and_its_room_are_read_apart(ward: Ward) -> None:
    root, answers = await a_thread(ward)
    for event_id, thread in ((answers[-1], root), (root, "main")):
        marked = await ward.wang.client.update_receipt_marker(ward.room_id, event_id, thread_id=thread)
        assert isinstance(marked, UpdateReceiptMarkerResponse), marked
    seen = ward.li.client.rooms[ward.room_id].threaded_read_receipts
    await ward.li.turn_until(lambda: len(seen.get(ward.wang.user_id, {})) == 2)
    assert {thread: receipt.event_id for thread, receipt in seen[ward.wang.user_id].items()} == {
        root: answers[-1],
        "main": root,
    }


async def test_a_private_receipt_is_seen_by_nobody_else(ward: Ward) -> None:
    root, _ = await a_thread(ward)
    private = await ward.wang.client.update_receipt_marker(ward.room_id, root, ReceiptType.read_private)
    assert isinstance(private, UpdateReceiptMarkerResponse), private
    # Whatever would have come for it has come with what was said after it.
    await ward.wang.say(ward.room_id, "seen")
    await ward.li.turn_until(partial(ward.li.heard, ward.wang, "seen"))
    assert ward.wang.user_id not in ward.li.client.rooms[ward.room_id].threaded_read_receipts


async def test_a_picture_has_a_thumbnail(ward: Ward) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), "navy").save(picture, "PNG")
    size = picture.tell()
    picture.seek(0)
    uploaded, _ = await ward.wang.client.upload(picture, "image/png", filesize=size)
    assert isinstance(uploaded, UploadResponse), uploaded
    server_name, media_id = uploaded.content_uri.removeprefix("mxc://").split("/")
    small = await ward.li.client.thumbnail(server_name, media_id, 64, 64)
    assert isinstance(small, ThumbnailResponse), small
    assert isinstance(small.body, bytes)
    width, height = Image.open(io.BytesIO(small.body)).size
    # The server may give one that is larger than asked for, never the picture itself.
    assert 64 <= width < 640 and width * 3 == height * 4
