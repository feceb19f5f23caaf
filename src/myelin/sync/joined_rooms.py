"""The joined rooms of a sync answer: which have news, and what each shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import asyncpg
import msgspec

from myelin.append.loading import Loading
from myelin.append.memory import Memory
from myelin.matrix.json import JsonObject
from myelin.rules.visibility import membership_after
from myelin.schema.queries import Queries
from myelin.sync.account_data import RoomAccountData
from myelin.sync.ephemeral import Ephemeral
from myelin.sync.feed import RECEIPTS_MEMBERS_LIMIT, shows_receipts
from myelin.sync.history_facts import HistoryFacts
from myelin.sync.quick_rooms import QuickRooms
from myelin.sync.reading import Reading, RoomReading, Timeline
from myelin.sync.room_parts import RoomParts, joined_room
from myelin.sync.state import States
from myelin.sync.summaries import Summaries, Summary
from myelin.sync.tails import RoomTail, Tails
from myelin.sync.timeline import Timelines
from myelin.sync.unread import NONE, Count, Counts, Unread, audible


class Joined(msgspec.Struct, frozen=True):
    """`rooms.join`, and whether it is news."""

    rooms: Mapping[str, JsonObject]
    is_news: bool


class JoinedRooms:
    """Builds `rooms.join`."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        queries: Queries,
        memory: Memory,
        loading: Loading,
        tails: Tails,
        facts: HistoryFacts,
        timelines: Timelines,
        states: States,
        ephemeral: Ephemeral,
        account_data: RoomAccountData,
        summaries: Summaries,
        unread: Unread,
        quick: QuickRooms,
        clock_ms: Callable[[], int],
    ) -> None:
        self._pool = pool
        self._queries = queries
        self._memory = memory
        self._loading = loading
        self._tails = tails
        self._facts = facts
        self._timelines = timelines
        self._states = states
        self._ephemeral = ephemeral
        self._account_data = account_data
        self._summaries = summaries
        self._unread = unread
        self._quick = quick
        self._clock_ms = clock_ms

    async def read(self, reading: Reading) -> Joined:
        """Return the joined rooms that have news, and those that show what a new client may not know."""
        quick = self._quick.read(reading)
        if quick is not None:
            return Joined({name: joined_room(reading, part) for name, part in quick.items()}, is_news=bool(quick))
        account_data = await self._account_data.changed(reading)
        typing = dict(self._ephemeral.typing_rooms(reading))
        news = [*await self._changed(reading), *account_data, *(name for name, is_news in typing.items() if is_news)]
        news += await self._counted_anew(reading)
        shown = [
            name
            for name in dict.fromkeys((*news, *typing))
            if is_joined(reading, name) and reading.filter.room.passes_room(name)
        ]
        rooms = await self._room_readings(reading, shown)
        is_news = not set(shown).isdisjoint(news)
        if not rooms:
            return Joined({}, is_news=False)
        parts = await self._parts(reading, rooms, account_data)
        return Joined({name: joined_room(reading, part) for name, part in parts.items()}, is_news)

    async def _room_readings(self, reading: Reading, rooms: Sequence[str]) -> list[RoomReading]:
        """Return what is read of joined rooms: all of those into which the viewer came since they last looked."""
        came = [] if reading.initial else [name for name in rooms if reading.user.rooms[name].since > reading.since]
        intervals = await self._facts.memberships(reading.user.user_id, came) if came else {}
        # Who left and came back in between knows the room as it was, and is told what changed.
        returned = {name for name in came if membership_after(reading.since, intervals.get(name, ())) == "join"}
        unknown = set(rooms) if reading.initial else set(came) - returned
        return [
            RoomReading(
                room_id=name,
                since=-1 if name in unknown else reading.since,
                upto=reading.upto,
                whole=name in unknown or reading.request.full_state,
                was_away=name in returned,
            )
            for name in rooms
        ]

    async def _parts(
        self, reading: Reading, rooms: Sequence[RoomReading], account_data: Mapping[str, Sequence[JsonObject]]
    ) -> dict[str, RoomParts]:
        timelines = await self._read_timelines(reading, rooms)
        summaries = await self._read_summaries(reading, rooms, timelines)
        heroes = {name: summary.heroes for name, summary in summaries.items() if summary.heroes}
        states = await self._states.read(reading, rooms, timelines, heroes)
        others = {room.room_id: await self._others_receipts(room.room_id, summaries) for room in rooms}
        ephemeral = await self._ephemeral.read(reading, rooms, others)
        newly = [room.room_id for room in rooms if room.since < 0 and not reading.initial]
        account_data = {**account_data, **await self._account_data.whole(reading, newly)}
        counts = await self._read_counts(reading, rooms)
        return {
            name: RoomParts(
                timeline=timelines[name],
                state=states.get(name, ()),
                ephemeral=ephemeral[name],
                account_data=account_data.get(name, ()),
                summary=summaries.get(name),
                counts=counts.get(name, {}),
            )
            for name in timelines
        }

    async def _changed(self, reading: Reading) -> list[str]:
        """Return the joined rooms that have events or receipts within the reading."""
        joined = reading.user.rooms_with("join")
        if reading.initial or reading.request.full_state:
            return joined
        changed: list[str] = []
        unknown: list[str] = []
        for name in joined:
            tail = self._tails.room(name)
            if tail is not None and tail.last <= reading.since:
                continue
            if reading.since < (tail.floor if tail is not None else self._tails.started_at):
                unknown.append(name)
            elif tail is not None and self._has_news(reading, name, tail):
                changed.append(name)
        return changed + await self._changed_in_database(reading, unknown)

    async def _counted_anew(self, reading: Reading) -> list[str]:
        """Return the rooms with anything unread, where the viewer has changed what notifies them."""
        if reading.initial or reading.user.push_rules_position <= reading.since:
            return []
        counts = await self._counts_of(reading, reading.user.rooms_with("join"))
        return [name for name, of_room in counts.items() if of_room.total != NONE]

    async def _changed_in_database(self, reading: Reading, rooms: Sequence[str]) -> list[str]:
        if not rooms:
            return []
        rows = await self._pool.fetch(
            self._queries["changed_rooms"], rooms, reading.since, reading.upto, reading.user.user_id
        )
        return [row["room_id"] for row in rows]

    def _has_news(self, reading: Reading, room_id: str, tail: RoomTail) -> bool:
        if tail.events and tail.events[-1].position > reading.since:
            return True
        room = self._memory.loaded_room(room_id)
        others = room is None or shows_receipts(room.kind, len(room.members))
        return self._ephemeral.has_receipts(reading, tail, others)

    async def _read_timelines(self, reading: Reading, rooms: Sequence[RoomReading]) -> dict[str, Timeline]:
        timelines: dict[str, Timeline] = {}
        from_database: list[RoomReading] = []
        now_ms = self._clock_ms()
        for room in rooms:
            tail = self._tails.room(room.room_id)
            floor = tail.floor if tail is not None else self._tails.started_at
            if room.since < 0 or room.since < floor or room.was_away:
                from_database.append(room)
            elif tail is None:
                timelines[room.room_id] = nothing_new(room)
            else:
                timelines[room.room_id] = await self._timelines.from_tail(reading, room, tail, now_ms)
        return timelines | await self._timelines.read(reading, from_database)

    async def _read_summaries(
        self, reading: Reading, rooms: Sequence[RoomReading], timelines: Mapping[str, Timeline]
    ) -> dict[str, Summary]:
        changed = [room.room_id for room in rooms if room.whole or timelines[room.room_id].changes_summary]
        return await self._summaries.read(reading.user.user_id, changed)

    async def _others_receipts(self, room_id: str, summaries: Mapping[str, Summary]) -> bool:
        summary = summaries.get(room_id)
        if summary is not None and self._memory.loaded_room(room_id) is None:
            # Of many rooms that nobody has used since the start, the summary is cheaper than to load them all.
            return summary.kind != "broadcast" and summary.joined <= RECEIPTS_MEMBERS_LIMIT
        room = await self._loading.room(room_id)
        return room is not None and shows_receipts(room.kind, len(room.members))

    async def _read_counts(self, reading: Reading, rooms: Sequence[RoomReading]) -> dict[str, Mapping[str, Count]]:
        found = await self._counts_of(reading, [room.room_id for room in rooms])
        return {name: self._audible(reading, name, counts) for name, counts in found.items()}

    async def _counts_of(self, reading: Reading, rooms: Sequence[str]) -> dict[str, Counts]:
        found: dict[str, Counts] = {}
        from_database: list[str] = []
        for name in rooms:
            room, tail = self._memory.loaded_room(name), self._tails.room(name)
            counts = self._unread.from_tail(reading.user, room, tail, reading.upto) if room is not None else None
            if counts is None:
                from_database.append(name)
            else:
                found[name] = counts
        return found | await self._unread.from_database(reading.user, from_database, reading.upto)

    def _audible(self, reading: Reading, room_id: str, counts: Counts) -> Mapping[str, Count]:
        room = self._memory.loaded_room(room_id)
        is_critical = room is not None and room.feed == "critical"
        return {thread: audible(count, reading.user, room_id, is_critical) for thread, count in counts.threads.items()}


def nothing_new(room: RoomReading) -> Timeline:
    """Return the timeline of a room in which nothing happened since."""
    return Timeline(
        events=(), limited=False, first=room.upto + 1, hides=False, changes_state=False, changes_summary=False
    )


def is_joined(reading: Reading, room_id: str) -> bool:
    room = reading.user.rooms.get(room_id)
    return room is not None and room.membership == "join"
