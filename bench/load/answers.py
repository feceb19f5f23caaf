"""The parts of Matrix answers that the load generator reads."""

from __future__ import annotations

import msgspec


class Content(msgspec.Struct, frozen=True, gc=False):
    """The part of a content that carries our number."""

    ciphertext: str = ""


class Event(msgspec.Struct, frozen=True, gc=False):
    """A room event as clients get it."""

    event_id: str
    sender: str
    type: str
    content: Content


class Timeline(msgspec.Struct, frozen=True):
    """`timeline` of a joined room."""

    events: tuple[Event, ...] = ()
    limited: bool = False
    prev_batch: str = ""


class JoinedRoom(msgspec.Struct, frozen=True):
    """One room under `rooms.join`."""

    timeline: Timeline = Timeline()


class Rooms(msgspec.Struct, frozen=True):
    """`rooms` of a sync answer."""

    join: dict[str, JoinedRoom] = {}


class Sync(msgspec.Struct, frozen=True):
    """A sync answer."""

    next_batch: str
    rooms: Rooms = Rooms()


class Page(msgspec.Struct, frozen=True):
    """An answer of `/messages`."""

    chunk: tuple[Event, ...]
    end: str = ""


class Registered(msgspec.Struct, frozen=True):
    """An answer of `/register` and of `/login`."""

    user_id: str
    access_token: str


class Created(msgspec.Struct, frozen=True):
    """An answer of `/createRoom`."""

    room_id: str


class Sent(msgspec.Struct, frozen=True):
    """An answer of `/send`."""

    event_id: str


class Limited(msgspec.Struct, frozen=True):
    """The body of a 429."""

    retry_after_ms: int = 1000


class Nothing(msgspec.Struct, frozen=True):
    """An answer of which nothing is read."""


SYNC = msgspec.json.Decoder(Sync)
PAGE = msgspec.json.Decoder(Page)
SENT = msgspec.json.Decoder(Sent)
