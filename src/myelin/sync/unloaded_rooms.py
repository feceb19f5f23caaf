"""Waking the members of a room that this process has not loaded: only another process has written to it so far."""

from __future__ import annotations

import asyncio
import logging

from myelin.append.loading import Loading
from myelin.matrix.errors import MatrixError
from myelin.schema.connections import DATABASE_FAULTS
from myelin.sync.waiters import Waiters

RETRY_S = 1.0

logger = logging.getLogger(__name__)


class UnloadedRooms:
    """Loads rooms one after the other and wakes their members. A room that waits already waits once."""

    def __init__(self, loading: Loading, waiters: Waiters) -> None:
        self._loading = loading
        self._waiters = waiters
        self._waiting: dict[str, None] = {}
        self._arrived = asyncio.Event()

    def wake_later(self, room_id: str) -> None:
        """Have the room's members woken as soon as it is loaded."""
        self._waiting[room_id] = None
        self._arrived.set()

    async def run(self) -> None:
        """Load and wake for ever."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            rooms, self._waiting = self._waiting, {}
            for room_id in rooms:
                await self._wake(room_id)

    async def _wake(self, room_id: str) -> None:
        try:
            room = await self._loading.room(room_id)
        except (MatrixError, *DATABASE_FAULTS) as fault:
            # Whoever is not woken would wait for the end of their long poll: so try until it works.
            logger.warning("a room with news cannot be loaded at the moment: %s", type(fault).__name__)
            self.wake_later(room_id)
            await asyncio.sleep(RETRY_S)
            return
        if room is not None:
            self._waiters.wake(room.joined())
