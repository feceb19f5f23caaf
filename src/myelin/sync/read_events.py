"""The events that receipts name, from the tails where they are recent; and whether a receipt says anything new."""

from __future__ import annotations

import asyncpg
import msgspec

from myelin.append.memory import Memory
from myelin.entries.items import Receipt
from myelin.schema.queries import load_queries
from myelin.sync.tails import Tails


class ReadEvent(msgspec.Struct, frozen=True, gc=False):
    """Where an event stands, and the root of its thread where it is in one."""

    position: int
    thread: str | None


class ReadEvents:
    """Finds events and receipts; most are so recent that nothing is asked of the database."""

    def __init__(self, reads: asyncpg.Pool, memory: Memory, tails: Tails) -> None:
        self._reads = reads
        self._queries = load_queries("myelin.sync", "read_events.sql")
        self._memory = memory
        self._tails = tails

    async def event(self, room_id: str, event_id: str) -> ReadEvent | None:
        """Return an event of a room, None where the room has no such event."""
        tail = self._tails.room(room_id)
        for item in reversed(tail.events) if tail is not None else ():
            if item.event.event_id == event_id:
                return ReadEvent(item.position, item.thread)
        row = await self._reads.fetchrow(self._queries["read_event"], event_id, room_id)
        return ReadEvent(row["position"], row["thread"]) if row is not None else None

    async def goes_further(self, receipt: Receipt) -> bool:
        """Whether a receipt goes further than its person's latest of the same thread and kind: it never moves back."""
        room = self._memory.loaded_room(receipt.room_id)
        if room is not None:
            points = room.read_points(receipt.user_id)
            known = points.unthreaded if receipt.thread is None else points.threads.get(receipt.thread, -1)
            if receipt.read_position > known:
                return True
        latest = await self._reads.fetchval(
            self._queries["read_up_to"], receipt.room_id, receipt.user_id, receipt.thread or "", receipt.private
        )
        return latest is None or receipt.read_position > latest
