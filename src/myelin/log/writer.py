"""The connection that appends, opened again whenever it is lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import asyncpg

from myelin.entries.entry import Entry
from myelin.entries.rows import AppendedRow
from myelin.log.log import OUTCOME_UNKNOWN, Head, Log
from myelin.log.standstill import standstill
from myelin.schema.connections import connect

RECONNECT_FOR_S = 10.0
RECONNECT_EVERY_S = 0.1
WRITE_TIMEOUT_S = 10.0

Claim = Callable[[asyncpg.Connection], Awaitable[None]]


class Writer:
    """A `Log` over a connection of its own. After a failure the next call opens a new one.

    A database that restarts is waited for; one that stayed away is tried once a call until it is back. `claim` has
    the process counted (see `Tail.claim`) before it writes over a connection.
    """

    def __init__(self, database_url: str, claim: Claim) -> None:
        self._database_url = database_url
        self._claim = claim
        self._away = False
        self._connection: asyncpg.Connection | None = None
        self._log: Log | None = None

    async def append(self, expected: Head, rows: Sequence[AppendedRow], writes: str | None, signal: bool) -> int:
        """See `Log.append`."""
        return await (await self._open()).append(expected, rows, writes, signal)

    async def read(self, after: int, limit: int = 1000) -> list[Entry]:
        """See `Log.read`."""
        return await (await self._open()).read(after, limit)

    async def head(self) -> int:
        """See `Log.head`."""
        return await (await self._open()).head()

    @asynccontextmanager
    async def standstill(self) -> AsyncIterator[None]:
        """Have nobody else append meanwhile, for as long as the connection stands."""
        await self._open()
        async with standstill(self._connection):
            yield

    async def close(self) -> None:
        """Close the connection; the next call opens another."""
        connection, self._connection, self._log = self._connection, None, None
        if connection is not None:
            connection.terminate()

    async def _open(self) -> Log:
        if self._log is None or self._connection is None or self._connection.is_closed():
            self._connection = await self._connect()
            self._log = Log(self._connection)
        return self._log

    async def _connect(self) -> asyncpg.Connection:
        deadline = time.monotonic() + (0 if self._away else RECONNECT_FOR_S)
        while True:
            try:
                connection = await self._connect_once()
            except OUTCOME_UNKNOWN:
                if time.monotonic() >= deadline:
                    self._away = True
                    raise
                await asyncio.sleep(RECONNECT_EVERY_S)
            else:
                self._away = False
                return connection

    async def _connect_once(self) -> asyncpg.Connection:
        connection = await connect(self._database_url, timeout_s=WRITE_TIMEOUT_S)
        try:
            await self._claim(connection)
        except BaseException:
            connection.terminate()
            raise
        return connection
