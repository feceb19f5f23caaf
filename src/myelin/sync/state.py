"""The state beside a timeline: before it as `state`, or after it as `state_after` (either spelling)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import asyncpg
import orjson

from myelin.schema.queries import Queries
from myelin.sync.filters import RoomEventFilter
from myelin.sync.history_facts import HistoryFacts
from myelin.sync.lazy_members import LazyMembers
from myelin.sync.reading import Reading, RoomReading, Timeline
from myelin.sync.rendering import Renderer

MEMBER = "m.room.member"
Rows = list[asyncpg.Record]


class States:
    """Reads the state sections of one or many rooms."""

    def __init__(
        self, pool: asyncpg.Pool, queries: Queries, renderer: Renderer, facts: HistoryFacts, lazy: LazyMembers
    ) -> None:
        self._pool = pool
        self._queries = queries
        self._renderer = renderer
        self._facts = facts
        self._lazy = lazy

    async def read(
        self,
        reading: Reading,
        rooms: Sequence[RoomReading],
        timelines: Mapping[str, Timeline],
        heroes: Mapping[str, Sequence[str]],
    ) -> dict[str, list[bytes]]:
        """Return the state events of these rooms, rendered; `heroes` are those after whom a room may be called."""
        passes = reading.filter.room.state
        wanted = [room for room in rooms if is_wanted(reading, room, timelines[room.room_id], heroes)]
        ends = {room.room_id: state_end(reading, room, timelines[room.room_id]) for room in wanted}
        rows = await self._whole([room for room in wanted if room.whole], ends, not passes.lazy_load_members)
        rows += await self._changes(
            [(room.room_id, room.since, ends[room.room_id]) for room in wanted if not room.whole]
        )
        if reading.request.state_after is None:
            hiding = [room for room in wanted if timelines[room.room_id].hides]
            rows = latest(rows, await self._hidden(hiding, timelines)) if hiding else rows
        if passes.lazy_load_members:
            rows += await self._members(reading, wanted, ends, timelines, heroes, rows)
        return await self._rendered(reading, rows)

    async def _whole(self, rooms: Sequence[RoomReading], ends: Mapping[str, int], members: bool) -> Rows:
        if not rooms:
            return []
        names = [room.room_id for room in rooms]
        found: Rows = await self._pool.fetch(self._queries["state_at"], names, [ends[name] for name in names], members)
        return found

    async def _changes(self, spans: Iterable[tuple[str, int, int]]) -> Rows:
        """Return what changed in rooms, each within (since, end]."""
        wanted = [span for span in spans if span[2] > span[1]]
        if not wanted:
            return []
        names, sinces, ends = map(list, zip(*wanted, strict=True))
        found: Rows = await self._pool.fetch(self._queries["state_changes"], names, sinces, ends)
        return found

    async def _hidden(self, rooms: Sequence[RoomReading], timelines: Mapping[str, Timeline]) -> Rows:
        """Return the state that changed in the timeline's span without being shown: it is the room's all the same."""
        spans = [(room.room_id, gap_end(room, timelines[room.room_id]), room.upto) for room in rooms]
        shown = {position for timeline in timelines.values() for position in timeline.positions}
        return [row for row in await self._changes(spans) if row["position"] not in shown]

    async def _members(
        self,
        reading: Reading,
        rooms: Sequence[RoomReading],
        ends: Mapping[str, int],
        timelines: Mapping[str, Timeline],
        heroes: Mapping[str, Sequence[str]],
        rows: Rows,
    ) -> Rows:
        """Return the member events of those who speak in the timelines, as far as this device lacks them."""
        have = {(row["room_id"], row["state_key"]) for row in rows if row["type"] == MEMBER}
        redundant = reading.filter.room.state.include_redundant_members
        wanted: list[tuple[str, str]] = []
        for room in rooms:
            people = {*timelines[room.room_id].senders, *heroes.get(room.room_id, ())}
            if room.whole:
                people.add(reading.user.user_id)
            known = self._lazy.known(reading.viewer, room.room_id, -1 if room.whole else reading.since)
            missing = people if redundant else people - known
            wanted += [(room.room_id, name) for name in missing if (room.room_id, name) not in have]
            self._lazy.remember(reading.viewer, room.room_id, people, reading.upto)
        if not wanted:
            return []
        names, people_wanted = [room_id for room_id, _ in wanted], [name for _, name in wanted]
        found: Rows = await self._pool.fetch(
            self._queries["members_at"], names, people_wanted, [ends[name] for name in names]
        )
        return found

    async def _rendered(self, reading: Reading, rows: Rows) -> dict[str, list[bytes]]:
        passes = reading.filter.room.state
        if not passes.is_open:
            rows = [row for row in rows if passes.passes(row["type"], row["sender"]) and passes_url(passes, row)]
        sections: dict[str, list[bytes]] = {}
        if not rows:
            return sections
        intervals = await self._facts.memberships(reading.user.user_id, list({row["room_id"] for row in rows}))
        rendered = await self._renderer.render(rows, reading.viewer, intervals, with_room_id=False)
        for row in rows:
            sections.setdefault(row["room_id"], []).append(rendered[row["position"]])
        return sections


def is_wanted(reading: Reading, room: RoomReading, timeline: Timeline, heroes: Mapping[str, Sequence[str]]) -> bool:
    """Whether the state section of a room may have anything in it."""
    passes = reading.filter.room.state
    if not passes.passes_room(room.room_id):
        return False
    if room.whole or timeline.limited:
        return True
    if passes.lazy_load_members and (timeline.senders or room.room_id in heroes):
        return True
    return timeline.changes_state and (timeline.hides or reading.request.state_after is not None)


def state_end(reading: Reading, room: RoomReading, timeline: Timeline) -> int:
    """Return the position up to which a state section counts: the timeline's end, or what stands before its start."""
    if reading.request.state_after is not None:
        return room.upto
    return gap_end(room, timeline)


def gap_end(room: RoomReading, timeline: Timeline) -> int:
    """Return the position after which the timeline shows everything that it does not hide."""
    return timeline.first - 1 if room.whole or timeline.limited else room.since


def latest(rows: Rows, later: Rows) -> Rows:
    """Return the rows with later ones in the place of those with the same type and state key."""
    merged = {(row["room_id"], row["type"], row["state_key"]): row for row in rows}
    for row in later:
        key = (row["room_id"], row["type"], row["state_key"])
        merged[key] = max(row, merged.get(key, row), key=lambda each: int(each["position"]))
    return list(merged.values())


def passes_url(passes: RoomEventFilter, row: asyncpg.Record) -> bool:
    """Whether a state event passes `contains_url`."""
    return passes.contains_url is None or passes.passes_content(orjson.loads(row["body"])["content"])
