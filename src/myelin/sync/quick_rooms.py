"""The joined rooms of most answers: somebody spoke or read where the viewer was all along.

Everything is in memory then, and nothing is awaited. Whatever is out of the ordinary (a membership, a setting,
a state event, somebody who types, a filter, a gap) gives the answer None, and `joined_rooms` reads with care.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from myelin.append.memory import Memory
from myelin.ephemera.typing import Typing
from myelin.state.room import Room
from myelin.sync.feed import shows_receipts
from myelin.sync.filters import Filter
from myelin.sync.lazy_members import LazyMembers
from myelin.sync.reading import Reading, Timeline
from myelin.sync.receipts import receipt_events
from myelin.sync.room_parts import RoomParts
from myelin.sync.tails import RoomTail, TailEvent, Tails
from myelin.sync.timeline import rendered
from myelin.sync.unread import Count, Unread, audible


class QuickRooms:
    """Reads `rooms.join` without the database."""

    def __init__(
        self,
        memory: Memory,
        tails: Tails,
        typing: Typing,
        lazy: LazyMembers,
        unread: Unread,
        clock_ms: Callable[[], int],
    ) -> None:
        self._memory = memory
        self._tails = tails
        self._typing = typing
        self._lazy = lazy
        self._unread = unread
        self._clock_ms = clock_ms

    def read(self, reading: Reading) -> dict[str, RoomParts] | None:
        """Return the rooms with news, None where memory alone does not tell."""
        if reading.since < self._tails.started_at or not is_ordinary(reading) or self._is_typed_to(reading):
            return None
        rooms: dict[str, RoomParts] = {}
        for name, tail in self._tails.news_among(reading.user.rooms, reading.since):
            if reading.user.rooms[name].membership != "join":
                continue
            room = self._memory.loaded_room(name)
            parts = self._parts(reading, room, tail) if room is not None and tail.floor <= reading.since else None
            if parts is None:
                return None
            if parts.timeline.events or parts.ephemeral:
                rooms[name] = parts
        return rooms

    def _is_typed_to(self, reading: Reading) -> bool:
        rooms = reading.user.rooms
        return any(name in rooms for name in self._typing.rooms_after(reading.typing.shown))

    def _parts(self, reading: Reading, room: Room, tail: RoomTail) -> RoomParts | None:
        events = [item for item in tail.events_after(reading.since) if item.position <= reading.upto]
        counts = self._unread.from_tail(reading.user, room, tail, reading.upto)
        if counts is None or any(map(tail.is_related, events)) or not self._are_ordinary(reading, room.room_id, events):
            return None
        others = shows_receipts(room.kind, len(room.members))
        receipts = receipt_events(tail.receipts_after(reading.since), reading.user.user_id, others)
        is_critical = room.feed == "critical"
        return RoomParts(
            timeline=self._timeline(reading, events),
            state=(),
            ephemeral=receipts,
            account_data=(),
            summary=None,
            counts=self._audible(reading, room.room_id, counts.threads, is_critical),
        )

    def _are_ordinary(self, reading: Reading, room_id: str, events: Sequence[TailEvent]) -> bool:
        if len(events) > reading.filter.timeline_limit or any(item.event.state_key is not None for item in events):
            return False
        if not reading.filter.room.state.lazy_load_members:
            return True
        known = self._lazy.known(reading.viewer, room_id, reading.since)
        return all(item.event.sender in known for item in events)

    def _timeline(self, reading: Reading, events: Sequence[TailEvent]) -> Timeline:
        now_ms = self._clock_ms()
        return Timeline(
            events=[rendered(item, reading.viewer, now_ms) for item in events],
            limited=False,
            first=events[0].position if events else reading.upto + 1,
        )

    def _audible(
        self, reading: Reading, room_id: str, threads: Mapping[str, Count], is_critical: bool
    ) -> Mapping[str, Count]:
        user = reading.user
        return {thread: audible(count, user, room_id, is_critical) for thread, count in threads.items()}


def is_ordinary(reading: Reading) -> bool:
    """Whether nothing but messages and receipts can have happened to the viewer, and their filter lets all pass."""
    user, since = reading.user, reading.since
    return (
        not reading.initial
        and not reading.request.full_state
        and user.rooms_position <= since
        and user.account_data_position <= since
        and not user.ignored
        and is_open(reading.filter)
    )


def is_open(wanted: Filter) -> bool:
    """Whether a filter lets everything of joined rooms pass."""
    room = wanted.room
    return (
        wanted.event_fields is None
        and room.rooms is None
        and not room.not_rooms
        and room.timeline.is_open
        and room.state.is_open
        and room.ephemeral.is_open
    )
