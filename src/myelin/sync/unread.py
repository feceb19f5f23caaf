"""Unread counts: what notifies a person after what they have read, counted once and then kept up from the tails."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import asyncpg
import msgspec

from myelin.entries.entry import Entry
from myelin.entries.facts import EventAppended
from myelin.schema.queries import Queries
from myelin.state.room import Room
from myelin.state.user import User
from myelin.sync.tails import RoomTail, TailEvent

COUNTS_LIMIT = 200_000


class Counts(msgspec.Struct, frozen=True, gc=False):
    """Notifications and highlights among them after `read_position`, up to `upto`."""

    read_position: int
    upto: int
    notify: int = 0
    highlight: int = 0


class Unread:
    """The counts of this process's readers, least recently used going first."""

    def __init__(self, pool: asyncpg.Pool, queries: Queries) -> None:
        self._pool = pool
        self._queries = queries
        self._counts: OrderedDict[tuple[str, str], Counts] = OrderedDict()

    def from_tail(self, user: User, room: Room, tail: RoomTail | None, upto: int) -> Counts | None:
        """Return the counts where memory is enough, None where the database must be asked."""
        if room.room_id in user.muted:
            return Counts(upto, upto)
        read = read_position(user, room)
        key = (user.user_id, room.room_id)
        known = self._counts.get(key)
        base = known if known is not None and known.read_position == read else Counts(read, read)
        if tail is None or base.upto < tail.floor:
            return None
        counts = added(base, user, tail.events_after(base.upto), upto)
        self._keep(key, counts)
        return counts

    async def from_database(self, user: User, rooms: Sequence[str], upto: int) -> dict[str, Counts]:
        """Return the counts of several rooms, read from the projections."""
        if not rooms:
            return {}
        rows = await self._pool.fetch(self._queries["read_positions"], user.user_id, rooms)
        receipts = {row["room_id"]: row["read_position"] for row in rows}
        sinces = {name: max(receipts.get(name, -1), user.rooms[name].since) for name in rooms}
        silent = [user.user_id, *user.ignored]
        found = await self._pool.fetch(
            self._queries["unread"], user.user_id, rooms, upto, [sinces[name] for name in rooms], silent
        )
        counts = {
            row["room_id"]: Counts(sinces[row["room_id"]], upto, row["notify"], row["highlight"]) for row in found
        }
        for name, count in counts.items():
            self._keep((user.user_id, name), count)
        return {name: Counts(upto, upto) if name in user.muted else count for name, count in counts.items()}

    def published(self, entries: Sequence[Entry]) -> None:
        """Learn of new entries: what was redacted no longer counts."""
        for entry in entries:
            if isinstance(entry.facts, EventAppended) and entry.facts.redacts is not None:
                self.redacted(entry.room_id or "")

    def redacted(self, room_id: str) -> None:
        """Forget the counts of a room in which something was redacted: it no longer counts."""
        for key in [key for key in self._counts if key[1] == room_id]:
            del self._counts[key]

    def _keep(self, key: tuple[str, str], counts: Counts) -> None:
        self._counts[key] = counts
        self._counts.move_to_end(key)
        if len(self._counts) > COUNTS_LIMIT:
            self._counts.popitem(last=False)


def read_position(user: User, room: Room) -> int:
    """Return up to where a room counts as read: the receipt, or the join where that came later."""
    joined = user.rooms.get(room.room_id)
    return max(room.read_points(user.user_id).position("main"), joined.since if joined is not None else -1)


def added(base: Counts, user: User, events: Sequence[TailEvent], upto: int) -> Counts:
    """Return the counts with newer events of the tail."""
    notify, highlight = base.notify, base.highlight
    for item in events:
        if item.position > upto or item.event.sender == user.user_id or item.event.sender in user.ignored:
            continue
        if item.notice > 0:
            notify += 1
        if item.notice == 2 or user.user_id in item.named:
            highlight += 1
    return Counts(base.read_position, max(base.upto, upto), notify, highlight)
