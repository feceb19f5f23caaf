"""Which process pushes: one at a time, the one whose session holds a lock.

It is the database's: when the process dies, or stands still, the session ends and another process goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg

from myelin.schema.connections import connect
from myelin.schema.queries import load_queries

ASK_INTERVAL_S = 1.0


class Leadership:
    """The session of a process that pushes, or waits to."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._queries = load_queries("myelin.stores", "pushers.sql")

    @asynccontextmanager
    async def held(self) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        """Wait until no other process pushes; yield what says that this one is alive (it must every few seconds)."""
        connection = await connect(self._database_url)
        try:
            await connection.execute(self._queries["end_when_idle"])
            await self._lead(connection)
            yield lambda: self._still_there(connection)
        finally:
            connection.terminate()

    async def _lead(self, connection: asyncpg.Connection) -> None:
        while True:
            if await connection.fetchval(self._queries["lead_pushes"]):
                return
            await asyncio.sleep(ASK_INTERVAL_S)

    async def _still_there(self, connection: asyncpg.Connection) -> None:
        await connection.execute(self._queries["still_there"])
