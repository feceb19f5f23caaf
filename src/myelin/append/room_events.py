"""From what somebody wants to send to a full event in its room: what comes before it, what allows it, its facts."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from myelin.entries.entry import Entry
from myelin.entries.facts import EventAppended
from myelin.matrix.events import Event, EventDraft
from myelin.matrix.identifiers import is_event_id
from myelin.matrix.json import JsonObject
from myelin.rules.auth_events import auth_event_keys
from myelin.rules.outcomes import PersonalOutcomes
from myelin.rules.push import Notice, classify, in_feed
from myelin.state.room import Room

THREAD = "m.thread"

# To whom in a room an event is something else by their own push rules, and what.
ByOwnRules = Callable[[Event, Room, Notice], PersonalOutcomes]


def nobody(_event: Event, _room: Room, _notice: Notice) -> PersonalOutcomes:
    """Return nobody: everybody has the default rules."""
    return ()


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to happen in a room. `transaction` is the endpoint with its parameters and txnId.

    `by_server`: the server itself wants it, in its own name or in that of the person whose membership it changes.
    """

    type: str
    sender: str
    content: JsonObject
    state_key: str | None = None
    redacts: str | None = None
    redacts_edits: tuple[str, ...] = ()
    device_id: str | None = None
    transaction: str | None = None
    by_server: bool = False


def draft_event(new: NewEvent, room_id: str, room: Room | None, at: int) -> EventDraft:
    """Return the event with its place in the room; a room is None before its create event."""
    return EventDraft(
        room_id=room_id,
        type=new.type,
        sender=new.sender,
        state_key=new.state_key,
        content=new.content,
        origin_server_ts=at,
        depth=room.depth + 1 if room is not None else 1,
        prev_events=(room.latest_event_id,) if room is not None else (),
        auth_events=auth_events(new, room) if room is not None else (),
        redacts=new.redacts,
    )


def auth_events(new: NewEvent, room: Room) -> tuple[str, ...]:
    """Return the ids of the state events that allow this one, as far as the room has them."""
    keys = auth_event_keys(new.type, new.sender, new.state_key, new.content, room.version)
    refs = (room.state.get(key) for key in keys)
    return tuple(ref.event_id for ref in refs if ref is not None)


def event_facts(
    event: Event,
    room: Room | None,
    parent: Entry | None = None,
    by_own_rules: ByOwnRules = nobody,
    redacts_edits: tuple[str, ...] = (),
) -> EventAppended:
    """Return what folds need of the event and redaction takes away; `parent` is the event that it relates to."""
    notice = classify(event, room is not None and may_notify_room(event.sender, room))
    if room is not None and room.feed is not None:
        notice = in_feed(notice, event, room.feed)
    rel_type, relates_to = relation(event.content)
    return EventAppended(
        notice=int(notice.notice_class),
        named=notice.named,
        personal=tuple(by_own_rules(event, room, notice)) if room is not None else (),
        rel_type=rel_type,
        relates_to=relates_to,
        thread=relates_to if rel_type == THREAD else thread_of(parent, event.room_id),
        redacts=event.redacts,
        redacts_edits=redacts_edits,
    )


def thread_of(parent: Entry | None, room_id: str) -> str | None:
    """Return the thread that an event is in because what it relates to is, None where that is in the main timeline."""
    if parent is None or parent.room_id != room_id or not isinstance(parent.facts, EventAppended):
        return None
    # What the parent is in was decided in the same way, so one step finds the thread however far away it is.
    return parent.facts.thread


def may_notify_room(user_id: str, room: Room) -> bool:
    return room.power_levels.user_level(user_id) >= room.power_levels.notification_level("room")


def relation(content: JsonObject) -> tuple[str | None, str | None]:
    """Return the `rel_type` and `event_id` of a relation, (None, None) where there is none that could be looked up."""
    relates_to = content.get("m.relates_to")
    if not isinstance(relates_to, dict):
        return None, None
    rel_type, event_id = relates_to.get("rel_type"), relates_to.get("event_id")
    if not isinstance(rel_type, str) or not isinstance(event_id, str):
        return None, None
    if "\x00" in rel_type or not is_event_id(event_id):
        return None, None
    return rel_type, event_id
