"""Appending to the log and reading from it."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import msgspec

from myelin.entries.entry import Entry
from myelin.entries.rows import AppendedRow, entry_from_row
from myelin.schema.queries import load_queries

# The answer was lost: the batch may be in the log or not.
OUTCOME_UNKNOWN = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    # A connection that was told of its end while it was idle, and is used before it is closed.
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
    OSError,
    TimeoutError,
)

# The database answers that it cannot work at the moment: nothing was written, and nobody is guilty.
NO_ROOM = (asyncpg.InsufficientResourcesError, asyncpg.ReadOnlySQLTransactionError)


class Head(msgspec.Struct, frozen=True, gc=False):
    """The end of the log as somebody knows it: its last position and the leaf there; -1 and None while it is empty."""

    position: int
    leaf: bytes | None


# Found for a head whose entry is not the expected one: the log was replaced by an earlier one that went on otherwise.
ANOTHER_LOG = -2
EMPTY = Head(-1, None)


class Log:
    """The one ordered record of everything that happened.

    A reader sees an entry only after every entry before it. When `append` returns the expected head, the
    entries are durable and their positions never change; when it returns another, nothing was written; when
    it raises one of `OUTCOME_UNKNOWN`, the tail tells.
    """

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._queries = load_queries("myelin.log")
        self._connection = connection

    async def append(self, expected: Head, rows: Sequence[AppendedRow], writes: str | None, signal: bool) -> int:
        """Append a batch behind `expected` with all its writes; return the position of the head that was found.

        Where another entry stands at the expected position, that is `ANOTHER_LOG`.
        """
        arguments = expected.position, expected.leaf, rows, writes, signal
        return int(await self._connection.fetchval(self._queries["append"], *arguments))

    async def project(self, changes: Sequence[tuple[Sequence[AppendedRow], str | None]]) -> None:
        """Write the projections of entries that are in the log already: all of these changes, in order, or none."""
        await self._connection.executemany(self._queries["project"], changes)

    async def head(self) -> int:
        """Return the last position, -1 in an empty log."""
        head = await self._connection.fetchval(self._queries["head"])
        return -1 if head is None else int(head)

    async def read(self, after: int, limit: int = 1000) -> list[Entry]:
        """Return the next entries after a position, at most `limit`."""
        return [
            entry_from_row(row) for row in await self._connection.fetch(self._queries["entries_after"], after, limit)
        ]

    async def leaf(self, position: int) -> bytes | None:
        """Return the leaf at a position, None where the log has not come so far."""
        leaf: bytes | None = await self._connection.fetchval(self._queries["leaf_at"], position)
        return leaf

    async def database_clock(self) -> int:
        """Return the database's clock in ms."""
        return int(await self._connection.fetchval(self._queries["database_clock"]))
