"""What requests about rooms have in common: ids in the path, contents of events, pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from myelin.http.messages import Request
from myelin.matrix.errors import InvalidParam, MissingParam, NotJson
from myelin.matrix.identifiers import check_room_id
from myelin.matrix.json import JsonObject
from myelin.sync.filters import RoomEventFilter, parse_room_event_filter
from myelin.sync.history import Direction, PageRequest
from myelin.sync.token import parse_token

DEFAULT_LIMIT = 10
LIMIT = 500
DIGITS = 15
EVENT_BODY_LIMIT_BYTES = 256 * 1024
ANY_EVENT = RoomEventFilter()


def room_of(request: Request) -> str:
    """Return the room id that stands first in the path; `InvalidParam` where it is none."""
    return check_room_id(request.path[0])


def content_of(request: Request) -> JsonObject:
    """Return the content of an event; unlike in other requests it must be there, if only as `{}`."""
    if not request.body:
        raise NotJson
    return request.json_object()


def filter_of(query: Mapping[str, str]) -> RoomEventFilter:
    """Return the filter of a page."""
    return parse_room_event_filter(query["filter"]) if "filter" in query else ANY_EVENT


def page_of(query: Mapping[str, str], passes: RoomEventFilter, direction: Direction | None) -> PageRequest:
    """Return the page that is asked for; `direction` is the default, None where one must be given."""
    limit = passes.limit if passes.limit is not None else DEFAULT_LIMIT
    return PageRequest(
        direction=direction_of(query, direction),
        from_position=position_of(query, "from"),
        to_position=position_of(query, "to"),
        limit=limit_of(query, limit),
        passes=passes,
    )


def direction_of(query: Mapping[str, str], default: Direction | None = None) -> Direction:
    """Return the direction of reading."""
    found = query.get("dir", default)
    if found is None:
        raise MissingParam("dir must say in which direction to read: b or f")
    if found not in ("b", "f"):
        raise InvalidParam("dir must be b or f")
    return cast("Direction", found)


def limit_of(query: Mapping[str, str], default: int) -> int:
    """Return how many events are asked for, at most `LIMIT`."""
    return min(number_of(query, "limit") if "limit" in query else max(default, 0), LIMIT)


def number_of(query: Mapping[str, str], name: str) -> int:
    """Return a number that must be there."""
    text = query.get(name)
    if text is None:
        raise MissingParam(f"{name} is missing")
    if not text.isascii() or not text.isdigit() or len(text) > DIGITS:
        raise InvalidParam(f"{name} must be a whole number that is not negative")
    return int(text)


def position_of(query: Mapping[str, str], name: str) -> int | None:
    """Return the position of a page or sync token, None where there is none."""
    return parse_token(query[name]).position if name in query else None
