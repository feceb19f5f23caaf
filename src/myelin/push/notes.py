"""What a device is to be told of: one event that notifies its person."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from myelin.matrix.json import JsonValue


class Note(msgspec.Struct, frozen=True):
    """One event for one person; `thread` is where a receipt for it may stand. No text is ever kept here."""

    position: int
    room_id: str
    event_id: str
    thread: str
    type: str
    sender: str
    is_urgent: bool
    tweaks: Mapping[str, JsonValue]


class Names(msgspec.Struct, frozen=True):
    """What a site may have shown beside an event: who sent it, and where."""

    sender_display_name: str | None = None
    room_name: str | None = None
