"""The connection that appends, opened again whenever it is lost."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from myelin.entries.entry import Entry
from myelin.entries.rows import AppendedRow
from myelin.log.log import Log
from myelin.schema.connections import connect


class Writer:
    """A `Log` over a connection of its own. After a failure the next call opens a new one."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._connection: asyncpg.Connection | None = None
        self._log: Log | None = None

    async def append(self, expected: int, rows: Sequence[AppendedRow], writes: str | None, signal: bool) -> int:
        """See `Log.append`."""
        return await (await self._open()).append(expected, rows, writes, signal)

    async def read(self, after: int, limit: int = 1000) -> list[Entry]:
        """See `Log.read`."""
        return await (await self._open()).read(after, limit)

    async def head(self) -> int:
        """See `Log.head`."""
        return await (await self._open()).head()

    async def close(self) -> None:
        """Close the connection; the next call opens another."""
        connection, self._connection, self._log = self._connection, None, None
        if connection is not None:
            connection.terminate()

    async def _open(self) -> Log:
        if self._log is None or self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._database_url)
            self._log = Log(self._connection)
        return self._log
