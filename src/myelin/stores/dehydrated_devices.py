"""The private keys of dehydrated devices (MSC3814), as their owners encrypted them. Written beside their entries."""

from __future__ import annotations

import asyncpg

from myelin.schema.queries import load_queries


class DehydratedDevices:
    """What dehydrated devices were uploaded with, by device number."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.stores", "dehydrated_devices.sql")

    async def device_data(self, device_number: int) -> str | None:
        """Return what the device needs to be rehydrated, as JSON; None where it is gone."""
        found: str | None = await self._pool.fetchval(self._queries["device_data"], device_number)
        return found
