"""The state beside a timeline: before it as `state`, or after it as `state_after` (either spelling)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import asyncpg

from myelin.schema.queries import Queries
from myelin.sync.history_facts import HistoryFacts
from myelin.sync.lazy_members import LazyMembers
from myelin.sync.reading import Reading, RoomReading, Timeline
from myelin.sync.rendering import Renderer

MEMBER = "m.room.member"


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
        self, reading: Reading, rooms: Sequence[RoomReading], timelines: Mapping[str, Timeline]
    ) -> dict[str, list[bytes]]:
        """Return the state events of these rooms, rendered."""
        after = reading.request.state_after is not None
        lazy = reading.filter.room.state.lazy_load_members
        ends = {room.room_id: room.upto if after else timelines[room.room_id].first - 1 for room in rooms}
        whole = [room for room in rooms if room.whole]
        changed = [room for room in rooms if not room.whole and ends[room.room_id] > room.since]
        rows = await self._whole(whole, ends, not lazy)
        rows += await self._changes([room for room in changed if after or timelines[room.room_id].limited], ends)
        if lazy:
            rows += await self._members(reading, rooms, ends, timelines, rows)
        return await self._rendered(reading, [room.room_id for room in rooms], rows)

    async def _whole(
        self, rooms: Sequence[RoomReading], ends: Mapping[str, int], members: bool
    ) -> list[asyncpg.Record]:
        if not rooms:
            return []
        names = [room.room_id for room in rooms]
        found: list[asyncpg.Record] = await self._pool.fetch(
            self._queries["state_at"], names, [ends[name] for name in names], members
        )
        return found

    async def _changes(self, rooms: Sequence[RoomReading], ends: Mapping[str, int]) -> list[asyncpg.Record]:
        if not rooms:
            return []
        names, sinces = [room.room_id for room in rooms], [room.since for room in rooms]
        found: list[asyncpg.Record] = await self._pool.fetch(
            self._queries["state_changes"], names, sinces, [ends[name] for name in names]
        )
        return found

    async def _members(
        self,
        reading: Reading,
        rooms: Sequence[RoomReading],
        ends: Mapping[str, int],
        timelines: Mapping[str, Timeline],
        rows: Sequence[asyncpg.Record],
    ) -> list[asyncpg.Record]:
        """Return the member events of those who speak in the timelines, as far as this device lacks them."""
        have = {(row["room_id"], row["state_key"]) for row in rows if row["type"] == MEMBER}
        redundant = reading.filter.room.state.include_redundant_members
        wanted: list[tuple[str, str]] = []
        for room in rooms:
            people = set(timelines[room.room_id].senders) | ({reading.user.user_id} if room.whole else set())
            known = set() if redundant or room.whole else self._lazy.known(reading.viewer, room.room_id)
            wanted += [(room.room_id, name) for name in people - known if (room.room_id, name) not in have]
            self._lazy.remember(reading.viewer, room.room_id, people)
        if not wanted:
            return []
        names, people_wanted = [room_id for room_id, _ in wanted], [name for _, name in wanted]
        found: list[asyncpg.Record] = await self._pool.fetch(
            self._queries["members_at"], names, people_wanted, [ends[name] for name in names]
        )
        return found

    async def _rendered(
        self, reading: Reading, names: Sequence[str], rows: Sequence[asyncpg.Record]
    ) -> dict[str, list[bytes]]:
        passes = reading.filter.room.state
        if not passes.is_open:
            rows = [row for row in rows if passes.passes(row["type"], row["sender"])]
        sections: dict[str, list[bytes]] = {name: [] for name in names}
        if not rows:
            return sections
        intervals = await self._facts.memberships(reading.user.user_id, names)
        rendered = await self._renderer.render(rows, reading.viewer, intervals, with_room_id=False)
        for row in rows:
            sections[row["room_id"]].append(rendered[row["position"]])
        return sections
