"""Timelines: the latest events of a room, from its tail where that reaches back far enough, else from the database."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import orjson

from myelin.rules.visibility import visible
from myelin.schema.queries import Queries
from myelin.sync.filters import RoomEventFilter, like_patterns
from myelin.sync.history_facts import HistoryFacts, visibilities_around
from myelin.sync.reading import Reading, RoomReading, Timeline
from myelin.sync.rendering import Renderer, Viewer, transaction_id
from myelin.sync.tails import RoomTail, TailEvent

# How many rows beyond the limit are read, so that a few invisible ones do not make a timeline short.
SPARE_ROWS = 1


class Timelines:
    """Reads timelines of one or many rooms."""

    def __init__(self, pool: asyncpg.Pool, queries: Queries, renderer: Renderer, facts: HistoryFacts) -> None:
        self._pool = pool
        self._queries = queries
        self._renderer = renderer
        self._facts = facts

    async def read(self, reading: Reading, rooms: Sequence[RoomReading]) -> dict[str, Timeline]:
        """Return the timelines of these rooms from the database, visible events only."""
        if not rooms:
            return {}
        limit = reading.filter.timeline_limit
        rows = await self._rows(rooms, reading.filter.room.timeline, limit + SPARE_ROWS)
        names = [room.room_id for room in rooms]
        intervals = await self._facts.memberships(reading.user.user_id, names)
        visibilities = await self._facts.visibilities(names)
        chosen: dict[str, list[asyncpg.Record]] = {name: [] for name in names}
        for row in rows:
            around = visibilities_around(visibilities.get(row["room_id"], ()), row["position"])
            if visible(row["position"], around, intervals.get(row["room_id"], ())):
                chosen[row["room_id"]].append(row)
        kept = {name: found[:limit] for name, found in chosen.items()}
        rendered = await self._renderer.render(
            [row for found in kept.values() for row in found], reading.viewer, intervals, with_room_id=False
        )
        return {room.room_id: timeline_of(room, chosen[room.room_id], kept[room.room_id], rendered) for room in rooms}

    async def _rows(self, rooms: Sequence[RoomReading], passes: RoomEventFilter, limit: int) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self._pool.fetch(
            self._queries["timelines"],
            [room.room_id for room in rooms],
            [room.since for room in rooms],
            [room.upto for room in rooms],
            limit,
            like_patterns(passes.types),
            like_patterns(passes.not_types),
            passes.senders,
            list(passes.not_senders),
        )
        return rows

    async def from_tail(self, reading: Reading, room: RoomReading, tail: RoomTail, now_ms: int) -> Timeline:
        """Return a timeline of a room whose tail reaches back to `room.since`; the viewer was joined all along."""
        passes, limit = reading.filter.room.timeline, reading.filter.timeline_limit
        events = [item for item in tail.events_after(room.since) if item.position <= room.upto]
        if not passes.is_open:
            events = [item for item in events if passes.passes(item.event.type, item.event.sender)]
        if reading.user.ignored:
            events = [item for item in events if shown_to(reading.user.ignored, item)]
        kept = events[-limit:] if limit else []
        states = [item.position for item in kept if item.event.state_key is not None]
        singly = await self._singly(reading, states) if states else {}
        return Timeline(
            events=[singly.get(item.position) or rendered(item, reading.viewer, now_ms) for item in kept],
            limited=len(events) > len(kept),
            first=kept[0].position if kept else room.upto + 1,
            senders=frozenset(item.event.sender for item in kept),
        )

    async def _singly(self, reading: Reading, positions: Sequence[int]) -> dict[int, bytes]:
        rows = await self._pool.fetch(self._queries["events_by_position"], positions)
        intervals = await self._facts.memberships(reading.user.user_id, list({row["room_id"] for row in rows}))
        return await self._renderer.render(rows, reading.viewer, intervals, with_room_id=False)


def timeline_of(
    room: RoomReading, found: Sequence[asyncpg.Record], kept: Sequence[asyncpg.Record], rendered: dict[int, bytes]
) -> Timeline:
    """Return the timeline of rows that stand newest first."""
    return Timeline(
        events=[rendered[row["position"]] for row in reversed(kept)],
        limited=len(found) > len(kept),
        first=kept[-1]["position"] if kept else room.upto + 1,
        senders=frozenset(row["sender"] for row in kept),
    )


def rendered(item: TailEvent, viewer: Viewer, now_ms: int) -> bytes:
    """Return an event from its shared bytes; its own device alone learns the transaction id."""
    age = max(now_ms - item.event.origin_server_ts, 0)
    if item.transaction is None or (item.event.sender, item.device_id) != (viewer.user_id, viewer.device_id):
        return b"%b%d}}" % (item.shared, age)
    return b'%b%d,"transaction_id":%b}}' % (item.shared, age, orjson.dumps(transaction_id(item.transaction)))


def shown_to(ignored: frozenset[str], item: TailEvent) -> bool:
    """Whether an event is shown to somebody who ignores these people: their state events are."""
    return item.event.sender not in ignored or item.event.state_key is not None
