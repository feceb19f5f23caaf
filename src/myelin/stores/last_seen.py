"""Where and when each device was last seen: in memory, written down rarely, never in the log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection

import asyncpg
import msgspec

from myelin.schema.connections import DATABASE_FAULTS
from myelin.schema.queries import load_queries

FLUSH_INTERVAL_S = 300

logger = logging.getLogger(__name__)


class Sighting(msgspec.Struct, frozen=True, gc=False):
    """The address of a device's latest request, and its time in ms."""

    address: str
    at: int


class LastSeen:
    """The latest sightings; a crash loses those of the last minutes."""

    def __init__(self, pool: asyncpg.Pool, clock_ms: Callable[[], int]) -> None:
        self._pool = pool
        self._clock_ms = clock_ms
        self._queries = load_queries("myelin.stores", "sessions.sql")
        self._fresh: dict[tuple[str, str], Sighting] = {}

    def saw(self, user_id: str, device_id: str, address: str) -> None:
        """Take note of a request."""
        self._fresh[user_id, device_id] = Sighting(address, self._clock_ms())

    async def devices_of(self, user_id: str) -> dict[str, Sighting]:
        """Return a person's devices as last seen, by device id; some may be gone."""
        rows = await self._pool.fetch(self._queries["last_seen"], user_id)
        written = {row["device_id"]: Sighting(row["address"], row["at"]) for row in rows}
        fresh = {device_id: seen for (owner, device_id), seen in self._fresh.items() if owner == user_id}
        return written | fresh

    async def latest(self, user_ids: Collection[str]) -> dict[str, int]:
        """Return when any device of each of these accounts was last seen, in ms, as far as one ever was.

        What another process saw in the last minutes may be missing.
        """
        rows = await self._pool.fetch(self._queries["latest_seen"], list(user_ids))
        latest = {row["user_id"]: int(row["at"]) for row in rows}
        for (user_id, _), seen in self._fresh.items():
            if user_id in user_ids:
                latest[user_id] = max(seen.at, latest.get(user_id, 0))
        return latest

    async def run(self) -> None:
        """Write down every few minutes, for ever."""
        while True:
            await asyncio.sleep(FLUSH_INTERVAL_S)
            await self.flush()

    async def flush(self) -> None:
        """Write down what is new; where the database does not answer it is tried again the next time."""
        fresh = list(self._fresh.items())
        columns = [[key[0] for key, _ in fresh], [key[1] for key, _ in fresh]]
        columns += [[seen.address for _, seen in fresh]]
        try:
            await self._pool.execute(self._queries["flush_last_seen"], *columns, [seen.at for _, seen in fresh])
        except DATABASE_FAULTS as fault:
            logger.warning("the last sightings of devices could not be written: %s", type(fault).__name__)
            return
        for key, seen in fresh:
            if self._fresh.get(key) is seen:
                del self._fresh[key]
