"""Who may ask for an acknowledgement (收到), give one, and remind of it.

The same for our own endpoints and for whoever sends these events as any other: only what passes here counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from myelin.entries.entry import Entry
from myelin.matrix.errors import BadJson, DuplicateAnnotation, Forbidden, LimitExceeded, NotFound
from myelin.matrix.events import Event, EventDraft
from myelin.matrix.json import JsonObject
from myelin.matrix.reserved_names import is_hand
from myelin.state.acknowledgement import ACK, ACKNOWLEDGEMENT_TYPES, REMINDER, REQUEST, Acknowledgement, asked_in
from myelin.state.room import Room

REMINDER_INTERVAL_MS = 60_000


class Case(msgspec.Struct, frozen=True):
    """An event that somebody wants to send, the message it is about, and what is known of that at a moment in ms."""

    draft: EventDraft
    room: Room
    message: Event
    known: Acknowledgement
    at: int


def check_acknowledgement(draft: EventDraft, room: Room, parent: Entry | None, known: Acknowledgement, at: int) -> None:
    """Raise where an event about an acknowledgement does not count."""
    relation = draft.content.get("m.relates_to")
    if draft.state_key is not None or not isinstance(relation, dict) or relation.get("rel_type") != "m.reference":
        raise BadJson("an acknowledgement is a message event with an m.reference to the message")
    CHECKS[draft.type](Case(draft, room, message_of(parent, draft.room_id), known, at))


def message_of(parent: Entry | None, room_id: str) -> Event:
    """Return the message that an acknowledgement is about; `NotFound` or `Forbidden` where there can be none."""
    event = parent.event if parent is not None else None
    if parent is None or event is None or event.room_id != room_id:
        raise NotFound("there is no such message in this room")
    if event.is_state or event.type in ACKNOWLEDGEMENT_TYPES:
        raise Forbidden("only messages are acknowledged")
    if parent.erased_by is not None:
        raise Forbidden("this message was recalled")
    return event


def check_request(case: Case) -> None:
    check_own(case)
    asked = asked_in("", case.draft.content)
    if asked is None:
        raise BadJson("user_ids names people, each once, and until is a time in ms since the epoch")
    if asked.until <= case.at:
        raise Forbidden("until must lie ahead")
    for user_id in asked.user_ids:
        if user_id == case.draft.sender or case.room.membership(user_id) != "join" or is_hand(user_id):
            raise Forbidden("only others who are in the room can be asked")


def check_ack(case: Case) -> None:
    asked = case.known.asked
    if asked is None or case.draft.sender not in asked.user_ids:
        raise Forbidden("you were not asked to acknowledge this message")
    if case.draft.sender in case.known.acked:
        raise DuplicateAnnotation("you have acknowledged this message already")
    if case.at > asked.until:
        raise Forbidden("the time to acknowledge this message is over")


def check_reminder(case: Case) -> None:
    check_own(case)
    asked = case.known.asked
    if asked is None or case.at > asked.until:
        raise Forbidden("nobody is asked to acknowledge this message, or the time is over")
    missing = case.known.missing(case.room)
    if not missing:
        raise Forbidden("everybody who was asked has acknowledged this message")
    if mentioned(case.draft.content) != set(missing):
        raise BadJson("a reminder names in m.mentions exactly those who are missing")
    if case.known.reminded_at is not None:
        wait_ms = case.known.reminded_at + REMINDER_INTERVAL_MS - case.at
        if wait_ms > 0:
            raise LimitExceeded("they were reminded less than a minute ago", retry_after_ms=wait_ms)


def check_own(case: Case) -> None:
    if case.message.sender != case.draft.sender:
        raise Forbidden("only the sender of a message asks for its acknowledgement")


def mentioned(content: JsonObject) -> set[object]:
    mentions = content.get("m.mentions")
    user_ids = mentions.get("user_ids") if isinstance(mentions, dict) else None
    return {name for name in user_ids if isinstance(name, str)} if isinstance(user_ids, list) else set()


CHECKS: Mapping[str, Callable[[Case], None]] = {REQUEST: check_request, ACK: check_ack, REMINDER: check_reminder}
