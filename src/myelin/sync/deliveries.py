"""What a device has received when it comes back with a verified `next_batch`.

In each of its rooms the last `limit` timeline events in (from, position], where some of them are others'.
"""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from myelin.append.loading import Loading
from myelin.append.memory import Memory
from myelin.entries.items import Delivery
from myelin.schema.queries import Queries
from myelin.state.user import User
from myelin.sync.tails import RoomTail, Tails
from myelin.sync.token import SyncToken


class Deliveries:
    """Derives deliveries from tokens: from the tails where they reach back, else from the database."""

    def __init__(self, reads: asyncpg.Pool, queries: Queries, memory: Memory, loading: Loading, tails: Tails) -> None:
        self._reads = reads
        self._queries = queries
        self._memory = memory
        self._loading = loading
        self._tails = tails

    async def of(self, token: SyncToken, user: User, device_id: str, at: int) -> Sequence[Delivery]:
        """Return what this token says that the device received; `at` is the time of the request in ms."""
        device = user.devices.get(device_id)
        if device is None or token.limit == 0 or token.position == token.from_position:
            return ()
        joined = user.rooms_with("join")
        if token.from_position < self._tails.started_at or token.from_position == 0:
            return await self._from_database(token, user, device.number, joined, at)
        found: list[Delivery] = []
        older: list[str] = []
        for room_id in joined:
            tail = self._tails.room(room_id)
            if tail is None or tail.last <= token.from_position:
                continue
            if tail.floor > token.from_position:
                older.append(room_id)
                continue
            received = received_of(tail, token, user.user_id)
            room = await self._loading.room(room_id) if received is not None else None
            if room is not None and received is not None:
                found.append(Delivery(device.number, room.number, *received, at))
        return [*found, *await self._from_database(token, user, device.number, older, at)] if older else found

    async def _from_database(
        self, token: SyncToken, user: User, device_number: int, rooms: Sequence[str], at: int
    ) -> list[Delivery]:
        rows = await self._reads.fetch(
            self._queries["received"], rooms, token.from_position, token.position, token.limit, user.user_id
        )
        return [
            Delivery(device_number, row["number"], max(row["first"] - 1, token.from_position), row["last"], at)
            for row in rows
        ]


def received_of(tail: RoomTail, token: SyncToken, user_id: str) -> tuple[int, int] | None:
    """Return the range of a room that a device received, None where nothing of others was in it."""
    events = [item for item in tail.events_after(token.from_position) if item.position <= token.position]
    shown = events[-token.limit :]
    if all(item.event.sender == user_id for item in shown):
        return None
    first = shown[0].position - 1 if len(shown) < len(events) else token.from_position
    return first, shown[-1].position
