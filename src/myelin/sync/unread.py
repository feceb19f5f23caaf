"""Unread counts by thread: what notifies a person after what they have read, counted once and kept up from the tails.

An event counts where it stands after the person's join, after their unthreaded receipt and after their receipt of
its thread; it is not their own, not an ignored person's and not redacted.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence

import asyncpg
import msgspec
from msgspec.structs import replace

from myelin.append.loading import Loading
from myelin.append.memory import Memory
from myelin.rules.outcomes import Outcome, outcome_for
from myelin.schema.queries import load_queries
from myelin.state.room import NOTHING_READ, ReadPoints, Room
from myelin.state.user import User
from myelin.sync.tails import RoomTail, TailEvent, Tails

COUNTS_LIMIT = 200_000
MAIN = "main"


class Count(msgspec.Struct, frozen=True, gc=False):
    """Notifications, and the highlights among them; the loud ones are those left in a room that is muted."""

    notify: int = 0
    highlight: int = 0
    loud: int = 0
    loud_highlight: int = 0

    def plus(self, other: Count) -> Count:
        return Count(
            self.notify + other.notify,
            self.highlight + other.highlight,
            self.loud + other.loud,
            self.loud_highlight + other.loud_highlight,
        )


NONE = Count()
OF_OUTCOME: Mapping[Outcome, Count] = {
    Outcome.QUIET: NONE,
    Outcome.NOTIFY: Count(1),
    Outcome.HIGHLIGHT: Count(1, 1),
    Outcome.NOTIFY_LOUD: Count(1, 0, 1),
    Outcome.HIGHLIGHT_LOUD: Count(1, 1, 1, 1),
}


def sum_of(counts: Iterable[Count]) -> Count:
    """Return several counts together."""
    total = NONE
    for count in counts:
        total = total.plus(count)
    return total


class Counts(msgspec.Struct, frozen=True):
    """The counts of a room by thread, up to `upto`, for a person who joined at `start` and has read up to `points`."""

    start: int
    points: ReadPoints
    ignored: frozenset[str]
    upto: int
    threads: Mapping[str, Count] = {}

    @property
    def total(self) -> Count:
        return sum_of(self.threads.values())

    def read_to(self, thread: str) -> int:
        """Return the position up to which this thread counts as read."""
        return max(self.start, self.points.position(thread))


class Unread:
    """The counts of this process's readers, least recently used going first."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.sync", "unread.sql")
        self._counts: OrderedDict[tuple[str, str], Counts] = OrderedDict()

    def from_tail(self, user: User, room: Room, tail: RoomTail | None, upto: int) -> Counts | None:
        """Return the counts where memory is enough, None where the database must be asked."""
        if tail is None:
            return None
        wanted = Counts(user.rooms[room.room_id].since, room.read_points(user.user_id), user.ignored, upto)
        known = self._counts.get((user.user_id, room.room_id))
        counts = continued(known, wanted, tail, user) or counted_anew(wanted, tail, user)
        return self._keep(user, room.room_id, counts) if counts is not None else None

    async def from_database(self, user: User, rooms: Sequence[str], upto: int) -> dict[str, Counts]:
        """Return the counts of several rooms, read from the projections."""
        if not rooms:
            return {}
        points = await self._points(user, rooms)
        wanted = {
            name: Counts(user.rooms[name].since, points.get(name, NOTHING_READ), user.ignored, upto) for name in rooms
        }
        rows = await self._pool.fetch(
            self._queries["unread"],
            user.user_id,
            rooms,
            [max(wanted[name].start, wanted[name].points.unthreaded) for name in rooms],
            [wanted[name].read_to(MAIN) for name in rooms],
            upto,
            [user.user_id, *user.ignored],
        )
        threads: dict[str, dict[str, Count]] = {name: {} for name in rooms}
        for row in rows:
            count = Count(row["notify"], row["highlight"], row["loud"], row["loud_highlight"])
            threads[row["room_id"]][row["thread"]] = count
        return {name: self._keep(user, name, replace(of, threads=threads[name])) for name, of in wanted.items()}

    async def _points(self, user: User, rooms: Sequence[str]) -> dict[str, ReadPoints]:
        points: dict[str, ReadPoints] = {}
        for row in await self._pool.fetch(self._queries["read_points"], user.user_id, rooms):
            before = points.get(row["room_id"], NOTHING_READ)
            points[row["room_id"]] = before.moved(row["thread"] or None, row["read_position"])
        return points

    def _keep(self, user: User, room_id: str, counts: Counts) -> Counts:
        key = (user.user_id, room_id)
        self._counts[key] = counts
        self._counts.move_to_end(key)
        if len(self._counts) > COUNTS_LIMIT:
            self._counts.popitem(last=False)
        return counts


class AudibleCounts:
    """How much notifies a person in some of their rooms, muted ones left out."""

    def __init__(self, unread: Unread, memory: Memory, loading: Loading, tails: Tails) -> None:
        self._unread = unread
        self._memory = memory
        self._loading = loading
        self._tails = tails

    async def of(self, user: User, rooms: Sequence[str]) -> dict[str, int]:
        """Return the notifications by room, up to the head."""
        upto, found, from_database = self._memory.head, {}, []
        for name in rooms:
            room, tail = self._memory.loaded_room(name), self._tails.room(name)
            counts = self._unread.from_tail(user, room, tail, upto) if room is not None else None
            if counts is None:
                from_database.append(name)
            else:
                found[name] = counts
        found |= await self._unread.from_database(user, from_database, upto)
        return {name: await self._audible(user, name, counts.total) for name, counts in found.items()}

    async def _audible(self, user: User, room_id: str, count: Count) -> int:
        # Only where something is unread must it be known what room that is.
        room = await self._loading.room(room_id) if count != NONE else None
        return audible(count, user, room_id, room is not None and room.feed == "critical").notify


def continued(known: Counts | None, wanted: Counts, tail: RoomTail, user: User) -> Counts | None:
    """Return the known counts brought up to what is wanted; None where the tail is not enough for that."""
    if known is None or tail.floor > known.upto or (known.start, known.ignored) != (wanted.start, wanted.ignored):
        return None
    later = tail.events_after(known.upto)
    # What is redacted no longer counts, and may have counted.
    if any(item.event.redacts is not None for item in later):
        return None
    upto = max(known.upto, wanted.upto)
    threads = dict(known.threads)
    for thread, count in known.threads.items():
        read_to = wanted.read_to(thread)
        if read_to == known.read_to(thread) or count == NONE:
            continue
        if tail.floor > read_to:
            return None
        unread = [item for item in tail.events_after(read_to) if item.position <= known.upto]
        threads[thread] = added({}, user, wanted, unread).get(thread, NONE)
    shown = (item for item in later if item.position <= upto)
    return replace(wanted, upto=upto, threads=added(threads, user, wanted, shown))


def counted_anew(wanted: Counts, tail: RoomTail, user: User) -> Counts | None:
    """Return the counts from the tail alone; None where it does not reach back to what the person has read."""
    start = max(wanted.start, wanted.points.unthreaded)
    if tail.floor > start:
        return None
    events = (item for item in tail.events_after(start) if item.position <= wanted.upto)
    return replace(wanted, threads=added({}, user, wanted, events))


def added(threads: Mapping[str, Count], user: User, wanted: Counts, events: Iterable[TailEvent]) -> Mapping[str, Count]:
    """Return the counts by thread with these events added."""
    sums = dict(threads)
    for item in events:
        thread = thread_of(item)
        if item.position > wanted.read_to(thread):
            count = count_of(item, user)
            if count is not NONE:
                sums[thread] = sums.get(thread, NONE).plus(count)
    return sums


def count_of(item: TailEvent, user: User) -> Count:
    """Return what one event adds for a person."""
    if item.event.sender == user.user_id or item.event.sender in user.ignored:
        return NONE
    return OF_OUTCOME[outcome_for(user.user_id, item.notice, item.named, item.personal)]


def thread_of(item: TailEvent) -> str:
    return item.thread or MAIN


def audible(count: Count, user: User, room_id: str, is_critical: bool) -> Count:
    """Return what a person's own rules leave of a count; nobody silences a critical feed."""
    if is_critical:
        return count
    if user.all_silenced or room_id in user.silenced:
        return NONE
    if room_id not in user.muted:
        return count
    return Count(count.loud, count.loud_highlight, count.loud, count.loud_highlight)
