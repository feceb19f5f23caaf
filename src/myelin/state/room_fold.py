"""How one event changes a room, and which rows that changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from myelin.entries.entry import Entry
from myelin.entries.facts import EventAppended
from myelin.entries.items import Receipt
from myelin.matrix.events import Event
from myelin.matrix.json import JsonObject, JsonValue
from myelin.matrix.power_levels import initial_power_levels, parse_power_levels
from myelin.matrix.room_versions import room_version
from myelin.state.deltas import (
    Delta,
    DeviceSharingChanged,
    EventRedacted,
    EventRelated,
    MembershipChanged,
    Named,
    PersonallyNoticed,
    RoomCreated,
    RoomDesignated,
    StateChanged,
    ThreadContinued,
)
from myelin.state.designations import designation_of, feed_of
from myelin.state.growing import with_item
from myelin.state.room import Member, Room, StateRef

# Relations that are bundled with the event that they point to; annotations are not (since v1.7 of the specification).
BUNDLED = frozenset({"m.thread", "m.replace", "m.reference"})


def fold_event(room: Room | None, entry: Entry) -> tuple[Room, Sequence[Delta]]:
    """Return the room after one event, and the rows it changes beside the event's own."""
    event, facts = entry.event, entry.facts
    assert event is not None and isinstance(facts, EventAppended)
    if room is None:
        return create_room(event, entry.position)
    room = replace(room, latest_event_id=event.event_id, depth=event.depth, position=entry.position)
    deltas: list[Delta] = [Named(user_id, room.room_id, entry.position) for user_id in facts.named]
    deltas.extend(PersonallyNoticed(name, room.room_id, entry.position, outcome) for name, outcome in facts.personal)
    deltas.extend(EventRedacted(target, entry.position) for target in facts.redacted)
    if facts.relates_to is not None:
        deltas.extend(relation_deltas(facts, room.room_id, entry.position))
    if event.state_key is None:
        return room, deltas
    return fold_state(room, event, event.state_key, entry.position, deltas)


def relation_deltas(facts: EventAppended, room_id: str, position: int) -> Iterator[Delta]:
    """Yield the rows that change because an event relates to another."""
    assert facts.relates_to is not None
    yield EventRelated(room_id, facts.relates_to, facts.rel_type in BUNDLED)
    if facts.rel_type == "m.thread":
        yield ThreadContinued(room_id, facts.relates_to, position)


def create_room(event: Event, position: int) -> tuple[Room, Sequence[Delta]]:
    """Return the room that an `m.room.create` event begins."""
    version = room_version(text(event.content, "room_version") or "1")
    creators = creators_of(event, version.privileged_creators)
    room = Room(
        room_id=event.room_id,
        number=position,
        version=version,
        create_event_id=event.event_id,
        creator=event.sender,
        creators=creators,
        power_levels=initial_power_levels(creators, version),
        federated=event.content.get("m.federate") is not False,
        room_type=text(event.content, "type"),
        predecessor=predecessor_of(event.content),
        state={("m.room.create", ""): StateRef(event.event_id, position)},
        latest_event_id=event.event_id,
        depth=event.depth,
        position=position,
    )
    created = RoomCreated(event.room_id, version.id, position)
    return room, (created, StateChanged(event.room_id, event.type, "", position, event.event_id))


def predecessor_of(content: JsonObject) -> str | None:
    """Return the room that a create event says to replace."""
    predecessor = content.get("predecessor")
    return text(predecessor, "room_id") if isinstance(predecessor, dict) else None


def creators_of(event: Event, privileged_creators: bool) -> frozenset[str]:
    """Return the room's creators: since version 12 the sender and those the create event adds."""
    added = event.content.get("additional_creators") if privileged_creators else None
    return frozenset([event.sender, *(added if isinstance(added, list) else [])])  # type: ignore[list-item]


def fold_state(
    room: Room, event: Event, state_key: str, position: int, deltas: list[Delta]
) -> tuple[Room, Sequence[Delta]]:
    """Return the room with one state event in place."""
    key = (event.type, state_key)
    deltas.append(StateChanged(room.room_id, event.type, state_key, position, event.event_id))
    room = replace(room, state=with_item(room.state, key, StateRef(event.event_id, position)))
    if event.type == "m.room.member":
        return fold_member(room, event, state_key, position, deltas)
    parse = STATE_PARSERS.get(event.type)
    if parse is None or state_key != "":
        return room, deltas
    changed = parse(room, event.content)
    if changed.shares_devices != room.shares_devices:
        deltas.append(DeviceSharingChanged(room.room_id, position, changed.shares_devices))
    designation = designation_of(changed)
    if designation is not None and designation != designation_of(room):
        deltas.append(RoomDesignated(designation, room.room_id, position))
    return changed, deltas


def fold_member(
    room: Room, event: Event, user_id: str, position: int, deltas: list[Delta]
) -> tuple[Room, Sequence[Delta]]:
    """Return the room with a new member event; an unchanged membership goes on from where it began."""
    membership = event.membership or "leave"
    before = room.members.get(user_id)
    since = before.since if before is not None and before.membership == membership else position
    member = Member(membership, event.event_id, position, since)
    deltas.append(MembershipChanged(user_id, room.room_id, membership, since, position, event.event_id))
    room = replace(room, members=with_item(room.members, user_id, member))
    # A feed is for one person: whoever else came here would get what is another's.
    if membership == "join" and room.feed is not None and user_id != room.creator and len(room.members) == 2:
        deltas.append(RoomDesignated(feed_of(room.creator, user_id, room.feed), room.room_id, position))
    return room, deltas


def fold_receipts(room: Room, receipts: Sequence[Receipt]) -> Room:
    """Return the room after these receipts of its own."""
    reads = dict(room.reads)
    for receipt in receipts:
        points = reads.get(receipt.user_id) or room.read_points(receipt.user_id)
        reads[receipt.user_id] = points.moved(receipt.thread, receipt.read_position)
    return replace(room, reads=reads)


def with_power_levels(room: Room, content: JsonObject) -> Room:
    return replace(room, power_levels=parse_power_levels(content, room.creators, room.version))


def with_join_rules(room: Room, content: JsonObject) -> Room:
    allow = content.get("allow")
    allowed = tuple(allowed_room(entry) for entry in allow) if isinstance(allow, list) else ()
    return replace(room, join_rule=text(content, "join_rule") or "invite", join_allowed=tuple(filter(None, allowed)))


def allowed_room(entry: JsonValue) -> str:
    """Return the room that an `allow` entry of type m.room_membership names, or nothing."""
    if isinstance(entry, dict) and entry.get("type") == "m.room_membership":
        return text(entry, "room_id") or ""
    return ""


def with_history_visibility(room: Room, content: JsonObject) -> Room:
    return replace(room, history_visibility=text(content, "history_visibility") or "shared")


def with_encryption(room: Room, content: JsonObject) -> Room:
    # Once encryption is on it stays: the algorithm may change, its absence does not turn it off.
    return replace(room, encrypted=True)


def with_kind(room: Room, content: JsonObject) -> Room:
    kind, department, feed = text(content, "kind"), text(content, "department"), text(content, "feed")
    return replace(room, kind=kind, department=department, feed=feed)


STATE_PARSERS: Mapping[str, Callable[[Room, JsonObject], Room]] = {
    "m.room.power_levels": with_power_levels,
    "m.room.join_rules": with_join_rules,
    "m.room.history_visibility": with_history_visibility,
    "m.room.encryption": with_encryption,
    "org.myelin.room": with_kind,
}


def text(content: JsonObject, key: str) -> str | None:
    """Return a string of a content, None where it is missing or something else."""
    value = content.get(key)
    return value if isinstance(value, str) else None
