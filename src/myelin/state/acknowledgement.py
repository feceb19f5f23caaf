"""Who was asked to acknowledge a message (收到), and who has: the fold of the events that refer to it.

Which of those events are accepted is for `policy`; what is in the log counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from myelin.entries.entry import Entry
from myelin.entries.facts import EventAppended
from myelin.matrix.json import JsonObject
from myelin.state.room import Room

REQUEST = "org.myelin.ack.request"
ACK = "org.myelin.ack.ack"
REMINDER = "org.myelin.ack.reminder"
ACKNOWLEDGEMENT_TYPES = frozenset({REQUEST, ACK, REMINDER})


class Asked(msgspec.Struct, frozen=True):
    """Whom the sender of a message asks, and until when (ms since the epoch)."""

    event_id: str
    user_ids: tuple[str, ...]
    until: int


class Acked(msgspec.Struct, frozen=True, gc=False):
    """Somebody who has acknowledged, on which device and when (ms since the epoch)."""

    event_id: str
    user_id: str
    device_id: str | None
    at: int


class Acknowledgement(msgspec.Struct, frozen=True):
    """The latest request, everybody who has acknowledged, and when the missing were last reminded."""

    asked: Asked | None = None
    acked: Mapping[str, Acked] = {}
    reminded_at: int | None = None

    def missing(self, room: Room) -> list[str]:
        """Return who was asked, is in the room and has not acknowledged."""
        asked = self.asked.user_ids if self.asked is not None else ()
        return [user_id for user_id in asked if user_id not in self.acked and room.membership(user_id) == "join"]


NOTHING_ASKED = Acknowledgement()


def refers_to(entry: Entry, event_id: str) -> bool:
    """Whether an entry asks for, gives or reminds of the acknowledgement of an event."""
    if entry.event is None or entry.event.type not in ACKNOWLEDGEMENT_TYPES:
        return False
    return isinstance(entry.facts, EventAppended) and entry.facts.relates_to == event_id


def fold_acknowledgement(known: Acknowledgement, entry: Entry) -> Acknowledgement:
    """Return what holds after one more event that refers to the message."""
    event = entry.event
    assert event is not None
    if event.type == REQUEST:
        asked = asked_in(event.event_id, event.content)
        return replace(known, asked=asked) if asked is not None else known
    if event.type == REMINDER:
        return replace(known, reminded_at=entry.at)
    if event.sender in known.acked:
        return known
    acked = Acked(event.event_id, event.sender, entry.device_id, entry.at)
    return replace(known, acked={**known.acked, event.sender: acked})


def asked_in(event_id: str, content: JsonObject) -> Asked | None:
    """Return the request that a content holds, None where it is none (any more)."""
    user_ids, until = content.get("user_ids"), content.get("until")
    if not isinstance(user_ids, list) or isinstance(until, bool) or not isinstance(until, int):
        return None
    names = tuple(name for name in user_ids if isinstance(name, str))
    return Asked(event_id, names, until) if names and len(set(names)) == len(user_ids) else None


def acknowledged(known: Mapping[str, Acknowledgement], entries: Sequence[Entry]) -> dict[str, Acknowledgement]:
    """Return what is known of messages after these entries, whatever else is among them."""
    after = dict(known)
    for entry in entries:
        facts = entry.facts
        if isinstance(facts, EventAppended) and facts.relates_to in after and refers_to(entry, facts.relates_to):
            after[facts.relates_to] = fold_acknowledgement(after[facts.relates_to], entry)
    return after


def acknowledgement_of(entries: Sequence[Entry]) -> Acknowledgement:
    """Return what these events add up to, in the order of the log."""
    known = NOTHING_ASKED
    for entry in entries:
        known = fold_acknowledgement(known, entry)
    return known
