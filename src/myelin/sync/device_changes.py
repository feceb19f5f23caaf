"""The latest entries that may change whose devices somebody sees, in memory: most syncs find there that none did."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

import asyncpg
import msgspec

from myelin.append.memory import Memory
from myelin.entries import facts as kinds
from myelin.entries.entry import Entry
from myelin.matrix.events import Event
from myelin.schema.queries import load_queries
from myelin.sync.feed import DEVICE_LIST_KINDS, device_owners

LIMIT = 20_000
REACH_BACK = 50_000
# What decides whether a room counts as shared at all.
SHARING_TYPES = ("m.room.encryption", "org.myelin.room")
# Nobody who is only asked in, or asks, shares a room by it, or did so before.
OUTSIDE = ("invite", "knock")


class Change(msgspec.Struct, frozen=True, gc=False):
    """One change: of a person's devices, or of their membership in a room, or (`user_id` empty) of what a room is.

    Where `seen_by` is set, only that person can see the change; `joined` says that a membership began as joined.
    """

    position: int
    user_id: str
    room_id: str | None = None
    seen_by: str | None = None
    joined: bool = False


class DeviceChanges:
    """Every such change after `floor`, in order."""

    def __init__(self, memory: Memory) -> None:
        self.floor = memory.head
        self._memory = memory
        self._changes: deque[Change] = deque()

    def published(self, entries: Sequence[Entry]) -> None:
        """Take in entries that memory has folded, in the order of the log."""
        for entry in entries:
            for change in self._changes_of(entry):
                self._add(change)

    async def reach_back(self, pool: asyncpg.Pool) -> None:
        """Take in what happened before this process began, so that clients that come back find it in memory."""
        query = load_queries("myelin.sync", "device_lists.sql")["latest_device_changes"]
        began, floor = self.floor, max(self.floor - REACH_BACK, -1)
        rows = await pool.fetch(query, floor)
        older = [Change(*(row[name] for name in Change.__struct_fields__)) for row in rows]
        newer, self._changes, self.floor = self._changes, deque(), floor
        for change in [*(change for change in older if change.position <= began), *newer]:
            self._add(change)

    def after(self, since: int) -> Iterator[Change]:
        """Yield the changes after a position at or above the floor, newest first."""
        for change in reversed(self._changes):
            if change.position <= since:
                return
            yield change

    def _add(self, change: Change) -> None:
        self._changes.append(change)
        if len(self._changes) > LIMIT:
            self.floor = self._changes.popleft().position

    def _changes_of(self, entry: Entry) -> Iterable[Change]:
        if isinstance(entry.facts, DEVICE_LIST_KINDS):
            return device_changes(entry)
        event = entry.event if isinstance(entry.facts, kinds.EventAppended) else None
        if event is None or event.state_key is None:
            return ()
        if event.membership is not None:
            return self._moves(event, event.state_key, entry.position)
        if event.type in SHARING_TYPES:
            return (Change(entry.position, "", event.room_id),)
        return ()

    def _moves(self, event: Event, user_id: str, position: int) -> Iterable[Change]:
        """Yield what a member event changes, if it may begin or end a joined membership: a new name does not."""
        room = self._memory.loaded_room(event.room_id)
        # A room that does not count; should it ever, that is a change of its own.
        if room is not None and not room.shares_devices:
            return
        member = room.members.get(user_id) if room is not None else None
        if event.membership in OUTSIDE or (member is not None and member.since < position):
            return
        # Where a later event of the batch began another membership, nobody can tell what this one began.
        began = member is not None and member.since == position
        yield Change(position, user_id, event.room_id, joined=began and event.membership == "join")


def device_changes(entry: Entry) -> Iterable[Change]:
    """Yield whose devices an entry changes, and who can see it."""
    for owner in device_owners(entry):
        yield Change(entry.position, owner, seen_by=None if owner == entry.sender else entry.sender)
