"""The projections made anew: the live path's own fold and writes, into the tables that a search path names first.

Each entry is written by itself, in the order of the log. That is what the projections are by definition; the live
path, which writes whole batches at once, must come to the same.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence

import asyncpg
import msgspec
from msgspec.structs import replace

from myelin.entries.entry import Entry
from myelin.entries.facts import EventAppended
from myelin.entries.rows import AppendedRow, appended_row
from myelin.log.log import Log
from myelin.projections.loader import load_room
from myelin.schema.queries import load_queries
from myelin.state.deltas import Delta
from myelin.state.fold import fold
from myelin.state.room import Room
from myelin.state.user import User

ROOMS_LIMIT = 2000

_encode = msgspec.json.Encoder().encode


class UnknownRoom(Exception):
    """An event of a room that no entry before it has made."""


class Change(msgspec.Struct, frozen=True):
    """What one entry changes in the projections."""

    position: int
    row: AppendedRow
    deltas: Sequence[Delta]


class Refold:
    """Folds entries in order. Memory is bounded: rooms are read back from the tables that were written so far.

    `load` what a few entries need, `fold` each, then `write` them.
    """

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._log = Log(connection)
        self._queries = load_queries("myelin.projections")
        self._rooms: OrderedDict[str, Room] = OrderedDict()
        self._changes: list[Change] = []

    # --- what the fold sees ---

    def loaded_room(self, room_id: str) -> Room | None:
        return self._rooms.get(room_id)

    def loaded_user(self, user_id: str) -> User | None:
        # Nothing that a person's account adds up to is needed for a projection.
        return None

    def put_room(self, room: Room) -> None:
        self._rooms[room.room_id] = room
        self._rooms.move_to_end(room.room_id)

    def put_user(self, user: User) -> None:
        raise AssertionError("nobody is loaded")

    # --- folding ---

    async def load(self, entries: Sequence[Entry]) -> None:
        """Bring the rooms of these entries into memory, as far as they are there already."""
        for room_id in dict.fromkeys(entry.room_id for entry in entries if isinstance(entry.facts, EventAppended)):
            if room_id is not None and room_id not in self._rooms:
                room = await load_room(self._connection, self._queries, room_id)
                if room is not None:
                    # The tables count the log only as far as they were written.
                    self.put_room(replace(room, as_of=-1))

    def fold(self, entry: Entry) -> None:
        """Take one entry; `UnknownRoom` where it is an event and its room has no beginning."""
        deltas = fold(self, entry)
        if isinstance(entry.facts, EventAppended) and self.loaded_room(entry.room_id or "") is None:
            raise UnknownRoom(entry.room_id)
        self._changes.append(Change(entry.position, appended_row(entry), deltas))

    async def write(self) -> None:
        """Write what was folded, all of it or nothing; what the database refuses is kept for `write_each`."""
        await self._log.project(list(calls(self._changes)))
        self._written()

    async def write_each(self) -> dict[int, asyncpg.PostgresError]:
        """Write what was folded one by one; return what was refused, by position."""
        refused: dict[int, asyncpg.PostgresError] = {}
        for change in self._changes:
            try:
                async with self._connection.transaction():
                    await self._log.project(list(calls([change])))
            except asyncpg.PostgresError as fault:
                refused[change.position] = fault
        self._written()
        return refused

    def _written(self) -> None:
        # Only now may a room be dropped: the tables hold all that was folded into it.
        self._changes.clear()
        while len(self._rooms) > ROOMS_LIMIT:
            self._rooms.popitem(last=False)


def calls(changes: Sequence[Change]) -> Iterator[tuple[list[AppendedRow], str | None]]:
    """Yield the calls that write these changes: entries that change no other row go along with the one after them."""
    rows: list[AppendedRow] = []
    for change in changes:
        rows.append(change.row)
        if change.deltas:
            yield rows, writes(change.deltas)
            rows = []
    if rows:
        yield rows, None


def writes(deltas: Sequence[Delta]) -> str:
    """Return the rows by table, as JSON."""
    tables: dict[str, list[Delta]] = {}
    for delta in deltas:
        tables.setdefault(delta.table, []).append(delta)
    return _encode(tables).decode()
