"""Filters (client-server API, "Filtering"): parsed once, then asked for limits and for what may pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Literal

import msgspec

from myelin.matrix.errors import BadJson

DEFAULT_TIMELINE_LIMIT = 10
TIMELINE_LIMIT = 500
ITEMS_LIMIT = 500


class EventFilter(msgspec.Struct, frozen=True):
    """What passes, by type and sender; `*` in a type stands for anything."""

    limit: int | None = None
    types: Sequence[str] | None = None
    not_types: Sequence[str] = ()
    senders: Sequence[str] | None = None
    not_senders: Sequence[str] = ()

    def __post_init__(self) -> None:
        for items in (self.types, self.not_types, self.senders, self.not_senders):
            if items is not None and len(items) > ITEMS_LIMIT:
                raise ValueError(f"a filter may name {ITEMS_LIMIT} types or senders")
            if items is not None and any("\x00" in item for item in items):
                raise ValueError("a filter may hold no zero characters")

    @property
    def is_open(self) -> bool:
        """Whether everything passes."""
        return self.types is None and self.senders is None and not self.not_types and not self.not_senders

    def passes(self, event_type: str, sender: str) -> bool:
        """Whether an event of this type and sender passes."""
        if sender in self.not_senders or (self.senders is not None and sender not in self.senders):
            return False
        return self.passes_type(event_type)

    def passes_type(self, event_type: str) -> bool:
        """Whether an event of this type passes, which nobody sent."""
        if self.not_types and any_matches(self.not_types, event_type):
            return False
        return self.types is None or any_matches(self.types, event_type)


class RoomEventFilter(EventFilter, frozen=True):
    """An event filter within a room; `contains_url` asks for the presence of a `url` in the content."""

    rooms: Sequence[str] | None = None
    not_rooms: Sequence[str] = ()
    contains_url: bool | None = None
    lazy_load_members: bool = False
    include_redundant_members: bool = False
    unread_thread_notifications: bool = False

    def passes_room(self, room_id: str) -> bool:
        return room_id not in self.not_rooms and (self.rooms is None or room_id in self.rooms)

    def passes_content(self, content: Mapping[str, object]) -> bool:
        """Whether the content has a `url` where one is asked for, or none where none is wanted."""
        return self.contains_url is None or self.contains_url == ("url" in content)

    @property
    def is_open(self) -> bool:
        return super().is_open and self.rooms is None and not self.not_rooms and self.contains_url is None


class RoomFilter(msgspec.Struct, frozen=True):
    """What passes of rooms."""

    rooms: Sequence[str] | None = None
    not_rooms: Sequence[str] = ()
    include_leave: bool = False
    timeline: RoomEventFilter = RoomEventFilter()
    state: RoomEventFilter = RoomEventFilter()
    ephemeral: RoomEventFilter = RoomEventFilter()
    account_data: RoomEventFilter = RoomEventFilter()

    def passes_room(self, room_id: str) -> bool:
        return room_id not in self.not_rooms and (self.rooms is None or room_id in self.rooms)

    @property
    def shows_timelines(self) -> bool:
        """Whether nothing of a timeline is hidden in any room."""
        return self.rooms is None and not self.not_rooms and self.timeline.is_open


class Filter(msgspec.Struct, frozen=True):
    """A whole sync filter. Events come in the format `client` whatever is asked: the other is for servers."""

    room: RoomFilter = RoomFilter()
    presence: EventFilter = EventFilter()
    account_data: EventFilter = EventFilter()
    event_fields: Sequence[str] | None = None
    event_format: Literal["client", "federation"] = "client"

    @property
    def timeline_limit(self) -> int:
        limit = self.room.timeline.limit
        return min(max(limit, 0), TIMELINE_LIMIT) if limit is not None else DEFAULT_TIMELINE_LIMIT


NO_FILTER = Filter()
_decode = msgspec.json.Decoder(Filter).decode
_decode_room_events = msgspec.json.Decoder(RoomEventFilter).decode


def parse_filter(text: str | bytes) -> Filter:
    """Return a filter; `BadJson` where it is none."""
    try:
        return _decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise BadJson("this filter is not what the specification describes") from None


def parse_room_event_filter(text: str | bytes) -> RoomEventFilter:
    """Return the filter of `/messages` and `/context`; `BadJson` where it is none."""
    try:
        return _decode_room_events(text)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise BadJson("this filter is not what the specification describes") from None


def any_matches(patterns: Sequence[str], event_type: str) -> bool:
    return any(
        pattern == event_type
        or ("*" in pattern and fnmatchcase(event_type, pattern.replace("[", "[[]").replace("?", "[?]")))
        for pattern in patterns
    )


def like_patterns(patterns: Sequence[str] | None) -> list[str] | None:
    """Return patterns as SQL's LIKE understands them."""
    if patterns is None:
        return None
    escape = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_", "*": "%"})
    return [pattern.translate(escape) for pattern in patterns]
