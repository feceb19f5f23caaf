"""Timelines: the latest events of a room, from its tail where that reaches back far enough, else from the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import asyncpg
import msgspec
import orjson

from myelin.rules.visibility import MembershipInterval, membership_after, membership_before, visible
from myelin.schema.queries import Queries
from myelin.sync.bundles import Sight
from myelin.sync.filters import RoomEventFilter, like_patterns
from myelin.sync.history_facts import HistoryFacts, VisibilitySet, visibilities_around
from myelin.sync.reading import Reading, RoomReading, Timeline
from myelin.sync.rendering import Renderer, Viewer, transaction_id
from myelin.sync.summaries import SUMMARY_TYPES
from myelin.sync.tails import RoomTail, TailEvent
from myelin.sync.visible_ranges import visible_ranges

# One row beyond the limit tells whether there is more.
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
        passes, limit = reading.filter.room.timeline, reading.filter.timeline_limit
        wanted = [room for room in rooms if passes.passes_room(room.room_id)]
        hidden = {room.room_id: empty_timeline(room) for room in rooms if not passes.passes_room(room.room_id)}
        if not wanted:
            return hidden
        names = [room.room_id for room in wanted]
        rows: dict[str, list[asyncpg.Record]] = {name: [] for name in names}
        for row in await self._rows(reading, wanted, limit + SPARE_ROWS):
            rows[row["room_id"]].append(row)
        intervals = await self._facts.memberships(reading.user.user_id, names)
        visibilities = await self._facts.visibilities(names)
        kept: dict[str, list[asyncpg.Record]] = {}
        for room in wanted:
            facts = RoomFacts(reading.user.user_id, visibilities.get(room.room_id, ()), intervals.get(room.room_id, ()))
            kept[room.room_id] = [row for row in rows[room.room_id][:limit] if shows(room, row, facts)]
        rendered = await self._renderer.render(
            [row for found in kept.values() for row in found],
            reading.viewer,
            intervals,
            with_room_id=False,
            sight=sight_of(reading, [each for room in wanted for each in seen_of(room, visibilities, intervals)]),
        )
        begins_anew, is_open = reading.request.begins_anew, passes.is_open
        return hidden | {
            name: Timeline(
                events=[rendered[row["position"]] for row in reversed(kept[name])],
                limited=begins_anew or len(rows[name]) > limit,
                first=kept[name][-1]["position"] if kept[name] else room.upto + 1,
                senders=frozenset(row["sender"] for row in kept[name]),
                positions=frozenset(row["position"] for row in kept[name]),
                hides=not is_open or len(kept[name]) < len(rows[name][:limit]),
            )
            for name, room in zip(names, wanted, strict=True)
        }

    async def _rows(self, reading: Reading, rooms: Sequence[RoomReading], limit: int) -> list[asyncpg.Record]:
        passes: RoomEventFilter = reading.filter.room.timeline
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
            passes.contains_url,
            list(reading.user.ignored),
        )
        return rows

    async def from_tail(self, reading: Reading, room: RoomReading, tail: RoomTail, now_ms: int) -> Timeline:
        """Return a timeline of a room whose tail reaches back to `room.since`; the viewer was joined all along."""
        passes, limit = reading.filter.room.timeline, reading.filter.timeline_limit
        all_events = [item for item in tail.events_after(room.since) if item.position <= room.upto]
        events: Sequence[TailEvent] = all_events
        if not passes.is_open:
            events = [item for item in events if passes_event(passes, room.room_id, item)]
        if reading.user.ignored:
            events = [item for item in events if shown_to(reading.user.ignored, item)]
        kept = events[-limit:] if limit else []
        alone = [item.position for item in kept if item.event.state_key is not None or tail.is_related(item)]
        singly = await self._singly(reading, room, alone) if alone else {}
        return Timeline(
            events=[singly.get(item.position) or rendered(item, reading.viewer, now_ms) for item in kept],
            limited=len(events) > len(kept),
            first=kept[0].position if kept else room.upto + 1,
            senders=frozenset(item.event.sender for item in kept),
            positions=frozenset(item.position for item in kept),
            hides=not passes.is_open,
            changes_state=any(item.event.state_key is not None for item in all_events),
            changes_summary=any(item.event.type in SUMMARY_TYPES for item in all_events),
        )

    async def _singly(self, reading: Reading, room: RoomReading, positions: Sequence[int]) -> dict[int, bytes]:
        rows = await self._pool.fetch(self._queries["events_by_position"], positions)
        intervals = await self._facts.memberships(reading.user.user_id, list({row["room_id"] for row in rows}))
        # What relates to an event came after it, and the viewer was joined all along.
        sight = sight_of(reading, [(room.room_id, room.since + 1, room.upto)])
        return await self._renderer.render(rows, reading.viewer, intervals, with_room_id=False, sight=sight)


def sight_of(reading: Reading, ranges: Sequence[tuple[str, int, int]]) -> Sight:
    """Return what of the events that relate to others the viewer sees."""
    return Sight(reading.user.user_id, reading.user.ignored, ranges)


def seen_of(
    room: RoomReading,
    visibilities: Mapping[str, Sequence[VisibilitySet]],
    intervals: Mapping[str, Sequence[MembershipInterval]],
) -> Iterator[tuple[str, int, int]]:
    """Yield the ranges of a room that the viewer sees: what they saw may have been answered while they were away."""
    changes, stays = visibilities.get(room.room_id, ()), intervals.get(room.room_id, ())
    yield from ((room.room_id, first, last) for first, last in visible_ranges(changes, stays, room.upto))


class RoomFacts(msgspec.Struct, frozen=True):
    """What visibility asks of the viewer and a room."""

    viewer_id: str
    visibilities: Sequence[VisibilitySet]
    intervals: Sequence[MembershipInterval]


def shows(room: RoomReading, row: asyncpg.Record, facts: RoomFacts) -> bool:
    """Whether the timeline shows an event that passes the filter."""
    position: int = row["position"]
    if room.left:
        # The timeline of messages and state changes in the room up to the point when the user left.
        around = {membership_before(position, facts.intervals), membership_after(position, facts.intervals)}
        return "join" in around or (row["type"], row["state_key"]) == ("m.room.member", facts.viewer_id)
    return visible(position, visibilities_around(facts.visibilities, position), facts.intervals)


def empty_timeline(room: RoomReading) -> Timeline:
    """Return the timeline of a room after which nothing came."""
    return Timeline(events=(), limited=False, first=room.upto + 1)


def passes_event(passes: RoomEventFilter, room_id: str, item: TailEvent) -> bool:
    """Whether an event passes the filter of timelines."""
    event = item.event
    return (
        passes.passes_room(room_id) and passes.passes(event.type, event.sender) and passes.passes_content(event.content)
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
