"""What an answer says of one joined room, and how it is written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import orjson

from myelin.matrix.json import JsonObject
from myelin.sync.event_fields import with_fields
from myelin.sync.reading import Reading, Timeline
from myelin.sync.summaries import Summary
from myelin.sync.token import page_token
from myelin.sync.unread import MAIN, NONE, Count, sum_of


class RoomParts(msgspec.Struct, frozen=True):
    """Everything that the answer says of one room."""

    timeline: Timeline
    state: Sequence[bytes]
    ephemeral: Sequence[JsonObject]
    account_data: Sequence[JsonObject]
    summary: Summary | None
    counts: Mapping[str, Count]


def joined_room(reading: Reading, parts: RoomParts) -> JsonObject:
    """Return one room of `rooms.join`."""
    by_thread = reading.filter.room.timeline.unread_thread_notifications
    fields: dict[str, object] = {
        "timeline": timeline_fields(reading, parts.timeline),
        reading.request.state_after or "state": {"events": fragments(reading, parts.state)},
        "ephemeral": {"events": parts.ephemeral},
        "account_data": {"events": parts.account_data},
        "unread_notifications": count_fields(main_count(parts.counts) if by_thread else total(parts.counts)),
        "summary": parts.summary.fields() if parts.summary is not None else {},
    }
    if by_thread:
        threads = {name: count for name, count in parts.counts.items() if name != MAIN and count != NONE}
        fields["unread_thread_notifications"] = {name: count_fields(count) for name, count in threads.items()}
    return fields  # type: ignore[return-value]


def timeline_fields(reading: Reading, timeline: Timeline) -> dict[str, object]:
    """Return a timeline as the specification names its parts."""
    return {
        "events": fragments(reading, timeline.events),
        "limited": timeline.limited,
        "prev_batch": page_token(timeline.first - 1),
    }


def fragments(reading: Reading, events: Sequence[bytes]) -> list[orjson.Fragment]:
    """Return serialised events with the fields that the client wants, ready to be embedded."""
    return [orjson.Fragment(event) for event in with_fields(events, reading.filter.event_fields)]


def count_fields(count: Count) -> JsonObject:
    return {"notification_count": count.notify, "highlight_count": count.highlight}


def main_count(counts: Mapping[str, Count]) -> Count:
    return counts.get(MAIN, NONE)


def total(counts: Mapping[str, Count]) -> Count:
    """Return the counts of all threads together."""
    return sum_of(counts.values())
