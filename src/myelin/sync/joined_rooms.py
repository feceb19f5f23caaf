"""The joined rooms of a sync answer: which have news, and what each shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import asyncpg
import orjson

from myelin.append.loading import Loading
from myelin.append.memory import Memory
from myelin.entries.items import Receipt
from myelin.matrix.json import JsonObject
from myelin.schema.queries import Queries
from myelin.state.room import Room
from myelin.sync.feed import shows_receipts
from myelin.sync.reading import Reading, RoomReading, Timeline
from myelin.sync.receipts import Receipts, receipt_event
from myelin.sync.state import States
from myelin.sync.tails import Tails
from myelin.sync.timeline import Timelines
from myelin.sync.token import page_token
from myelin.sync.unread import Counts, Unread


class JoinedRooms:
    """Builds `rooms.join`."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        queries: Queries,
        memory: Memory,
        loading: Loading,
        tails: Tails,
        timelines: Timelines,
        states: States,
        receipts: Receipts,
        unread: Unread,
        clock_ms: Callable[[], int],
    ) -> None:
        self._pool = pool
        self._queries = queries
        self._memory = memory
        self._loading = loading
        self._tails = tails
        self._timelines = timelines
        self._states = states
        self._receipts = receipts
        self._unread = unread
        self._clock_ms = clock_ms

    async def read(self, reading: Reading, more: Iterable[str]) -> dict[str, JsonObject]:
        """Return the joined rooms that have news; `more` names rooms with news of other kinds (typing, settings)."""
        changed = await self._changed(reading)
        names = list(dict.fromkeys([*changed, *(name for name in more if self._is_joined(reading, name))]))
        rooms = [self._room_reading(reading, name) for name in names if reading.filter.room.passes_room(name)]
        timelines = await self._read_timelines(reading, rooms)
        states = await self._read_states(reading, rooms, timelines)
        receipts = await self._read_receipts(reading, rooms)
        counts = await self._read_counts(reading, rooms)
        state_name = reading.request.state_after or "state"
        answer: dict[str, JsonObject] = {}
        for room in rooms:
            name = room.room_id
            event = receipt_event(receipts.get(name, ()), reading.user.user_id, self._others_receipts(name))
            answer[name] = joined_room(room, timelines[name], state_name, states.get(name, []), event, counts.get(name))
        return answer

    def _is_joined(self, reading: Reading, room_id: str) -> bool:
        room = reading.user.rooms.get(room_id)
        return room is not None and room.membership == "join"

    async def _changed(self, reading: Reading) -> list[str]:
        """Return the joined rooms that have events or receipts within the reading."""
        joined = reading.user.rooms_with("join")
        if reading.initial or reading.request.full_state:
            return joined
        if reading.since < self._tails.started_at:
            rows = await self._pool.fetch(self._queries["changed_rooms"], joined, reading.since, reading.upto)
            return [row["room_id"] for row in rows]
        return [name for name in joined if self._has_news(name, reading.since)]

    def _has_news(self, room_id: str, since: int) -> bool:
        tail = self._tails.room(room_id)
        return tail is not None and tail.last > since

    def _room_reading(self, reading: Reading, room_id: str) -> RoomReading:
        joined_since = reading.user.rooms[room_id].since
        newly = reading.initial or joined_since > reading.since
        return RoomReading(
            room_id=room_id,
            since=-1 if newly else reading.since,
            upto=reading.upto,
            whole=newly or reading.request.full_state,
        )

    async def _read_timelines(self, reading: Reading, rooms: Sequence[RoomReading]) -> dict[str, Timeline]:
        timelines: dict[str, Timeline] = {}
        from_database: list[RoomReading] = []
        now_ms = self._clock_ms()
        for room in rooms:
            tail = self._tails.room(room.room_id)
            if room.since < 0 or room.since < (tail.floor if tail is not None else self._tails.started_at):
                from_database.append(room)
            elif tail is None:
                timelines[room.room_id] = Timeline(events=(), limited=False, first=room.upto + 1)
            else:
                timelines[room.room_id] = await self._timelines.from_tail(reading, room, tail, now_ms)
        return timelines | await self._timelines.read(reading, from_database)

    async def _read_states(
        self, reading: Reading, rooms: Sequence[RoomReading], timelines: Mapping[str, Timeline]
    ) -> dict[str, list[bytes]]:
        lazy = reading.filter.room.state.lazy_load_members
        after = reading.request.state_after is not None
        wanted = [
            room
            for room in rooms
            if room.whole or lazy or timelines[room.room_id].limited or (after and timelines[room.room_id].events)
        ]
        return await self._states.read(reading, wanted, timelines) if wanted else {}

    async def _read_receipts(self, reading: Reading, rooms: Sequence[RoomReading]) -> dict[str, Sequence[Receipt]]:
        found: dict[str, Sequence[Receipt]] = {}
        from_database: list[str] = []
        for room in rooms:
            tail = self._tails.room(room.room_id)
            if tail is not None and room.since >= tail.floor:
                found[room.room_id] = tail.receipts_after(room.since)
            elif tail is not None or room.since < self._tails.started_at:
                from_database.append(room.room_id)
        if not from_database:
            return found
        since = min(room.since for room in rooms)
        return found | await self._receipts.read(from_database, since)

    async def _read_counts(self, reading: Reading, rooms: Sequence[RoomReading]) -> dict[str, Counts]:
        counts: dict[str, Counts] = {}
        from_database: list[str] = []
        for reading_of in rooms:
            room = self._memory.loaded_room(reading_of.room_id)
            tail = self._tails.room(reading_of.room_id)
            count = self._unread.from_tail(reading.user, room, tail, reading.upto) if room is not None else None
            if count is None:
                from_database.append(reading_of.room_id)
            else:
                counts[reading_of.room_id] = count
        return counts | await self._unread.from_database(reading.user, from_database, reading.upto)

    def _others_receipts(self, room_id: str) -> bool:
        room: Room | None = self._memory.loaded_room(room_id)
        return room is None or shows_receipts(room.kind, len(room.members))


def joined_room(
    room: RoomReading,
    timeline: Timeline,
    state_name: str,
    state: Sequence[bytes],
    receipts: JsonObject | None,
    counts: Counts | None,
) -> JsonObject:
    """Return one room of `rooms.join`."""
    counts = counts or Counts(0, 0)
    fields: dict[str, object] = {
        "timeline": {
            "events": [orjson.Fragment(event) for event in timeline.events],
            "limited": timeline.limited,
            "prev_batch": page_token(timeline.first - 1),
        },
        state_name: {"events": [orjson.Fragment(event) for event in state]},
        "ephemeral": {"events": [receipts] if receipts is not None else []},
        "account_data": {"events": []},
        "unread_notifications": {"notification_count": counts.notify, "highlight_count": counts.highlight},
        "summary": {},
    }
    return fields  # type: ignore[return-value]
