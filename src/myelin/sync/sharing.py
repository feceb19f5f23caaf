"""Who is woken when somebody's devices change: everybody who shares a room with them.

From memory where their rooms are there, else by one query, in a task of its own: the change itself waits for nobody.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

import asyncpg

from myelin.append.memory import Memory
from myelin.schema.connections import DATABASE_FAULTS
from myelin.schema.queries import load_queries
from myelin.sync.waiters import Waiters

RETRY_S = 1.0

logger = logging.getLogger(__name__)


class SharingWaker:
    """Wakes whoever shares a room with people; `run` must run for those who are not in memory."""

    def __init__(self, pool: asyncpg.Pool, memory: Memory, waiters: Waiters) -> None:
        self._pool = pool
        self._query = load_queries("myelin.sync", "device_lists.sql")["sharing_now"]
        self._memory = memory
        self._waiters = waiters
        self._unknown: set[str] = set()
        self._called = asyncio.Event()

    def wake(self, user_ids: Iterable[str]) -> None:
        """Wake those who share a room with these people, at once or soon."""
        for user_id in user_ids:
            known = self._known(user_id)
            if known is None:
                self._unknown.add(user_id)
                self._called.set()
            else:
                self._waiters.wake(known)

    async def run(self) -> None:
        """Look up those who were not in memory, for ever."""
        while True:
            await self._called.wait()
            self._called.clear()
            await self._wake_unknown()

    async def _wake_unknown(self) -> None:
        wanted, self._unknown = self._unknown, set()
        try:
            rows = await self._pool.fetch(self._query, list(wanted))
        except DATABASE_FAULTS:
            # Whoever is not woken would wait for the end of their long poll: so try until it works.
            logger.warning("the database does not answer; %d people are looked up again", len(wanted))
            self._unknown |= wanted
            await asyncio.sleep(RETRY_S)
            self._called.set()
            return
        self._waiters.wake({row["user_id"] for row in rows} | wanted)

    def _known(self, user_id: str) -> set[str] | None:
        """Return who shares a room with somebody, None where memory cannot tell."""
        user = self._memory.loaded_user(user_id)
        if user is None:
            return None
        found = {user_id}
        for room_id in user.rooms_with("join"):
            room = self._memory.loaded_room(room_id)
            if room is None:
                return None
            if room.shares_devices:
                found.update(room.joined())
        return found
