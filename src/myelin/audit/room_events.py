"""Whether a stored room event is authentic, in its place, and allowed by the room as it was before it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from myelin.append.room_events import THREAD, relation
from myelin.entries.entry import Entry
from myelin.entries.facts import EventAppended
from myelin.matrix import canonical_json
from myelin.matrix.errors import MatrixError, NotAuthorized
from myelin.matrix.events import Event, event_id_of, redacted_body, verify, verify_signature
from myelin.matrix.room_versions import ROOM_VERSIONS, RoomVersion
from myelin.rules.auth_events import auth_event_keys
from myelin.rules.authorization import check_authorized, check_create
from myelin.state.room import Room


class Signer(msgspec.Struct, frozen=True):
    """Who signs the events of this log: the server's name and its public keys by identifier."""

    server_name: str
    public_keys: Mapping[str, str]


def event_faults(entry: Entry, room: Room | None, signer: Signer) -> Iterator[str]:
    """Yield what is wrong with a room event; `room` is the room before it, None for the first of a room."""
    event, body = entry.event, entry.body
    if event is None or body is None:
        yield "the event that redaction and erasure leave is gone"
        return
    version = room.version if room is not None else ROOM_VERSIONS.get(stated_version(event))
    if version is None:
        yield "its room version is unknown"
        return
    yield from authenticity_faults(entry, body, version, signer)
    yield from column_faults(entry, event, body)
    if entry.salt is not None:
        yield from facts_faults(entry, event)
    if room is None:
        yield from refusals(event, version, None)
    else:
        yield from place_faults(event, room)
        yield from refusals(event, version, room)


def stated_version(event: Event) -> str:
    """Return the room version that a create event states."""
    version = event.content.get("room_version", "1")
    return version if isinstance(version, str) else ""


def authenticity_faults(entry: Entry, body: bytes, version: RoomVersion, signer: Signer) -> Iterator[str]:
    """Yield where the event's id, hashes or signature do not hold; a pruned body has lost its content hash."""
    if event_id_of(body, version) != entry.event_id:
        yield "the event id is not the hash of the event"
    is_pruned = entry.salt is None
    check = verify_signature if is_pruned else verify
    if not check(body, version, signer.server_name, signer.public_keys):
        yield "the event is not signed by this server" if is_pruned else "the content hash or the signature is false"
    if is_pruned and redacted_body(body, version) != body:
        yield "the body still holds what redaction takes away"


def column_faults(entry: Entry, event: Event, body: bytes) -> Iterator[str]:
    """Yield where the entry names another sender or room than the event."""
    if entry.sender != event.sender:
        yield "the entry names another sender than the event"
    stated = canonical_json.decode_object(body).get("room_id", entry.room_id)
    if stated != entry.room_id:
        yield "the entry names another room than the event"


def facts_faults(entry: Entry, event: Event) -> Iterator[str]:
    """Yield where the facts tell another relation than the event."""
    facts = entry.facts
    assert isinstance(facts, EventAppended)
    rel_type, relates_to = relation(event.content)
    # What is not in a thread by itself is in that of what it relates to; only its own word is checked here.
    is_elsewhere = rel_type == THREAD and facts.thread != relates_to
    if (facts.rel_type, facts.relates_to) != (rel_type, relates_to) or is_elsewhere:
        yield "the facts tell another relation than the event"


def place_faults(event: Event, room: Room) -> Iterator[str]:
    """Yield where the event does not follow on what the room was before it."""
    if event.prev_events != (room.latest_event_id,):
        yield "prev_events do not name the event before it in its room"
    if event.depth != room.depth + 1:
        yield "the depth is not one more than that of the event before it"
    keys = auth_event_keys(event.type, event.sender, event.state_key, event.content, room.version)
    allowed_by = {room.state[key].event_id for key in keys if key in room.state}
    if set(event.auth_events) != allowed_by or len(event.auth_events) != len(allowed_by):
        yield "auth_events are not the state events that allow it"


def refusals(event: Event, version: RoomVersion, room: Room | None) -> Iterator[str]:
    """Yield why the room's rules refuse the event, if they do."""
    try:
        if room is not None:
            check_authorized(event, room)
        elif event.type == "m.room.create":
            check_create(event, version)
        else:
            raise NotAuthorized
    except MatrixError:
        yield "the rules of its room do not allow it" if room is not None else "no entry before it made its room"
