"""PostgreSQL: a pool of connections; it makes groups of commits by itself."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from myelin_gateway.delivery.database import Row, Step, StoreUnavailable, named_queries

CONNECTIONS = 8
TIMEOUT_S = 30
# Two gateways that start at once must not both make the tables.
TABLES_LOCK = 0x6D79656C


class PostgresDatabase:
    """A database of its own, or a schema that the address's role has for itself."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = named_queries("queries.sql")

    @classmethod
    async def open(cls, url: str) -> PostgresDatabase:
        """Make the tables where there are none; raises OSError and asyncpg.PostgresError."""
        pool = await asyncpg.create_pool(url, min_size=1, max_size=CONNECTIONS, command_timeout=TIMEOUT_S)
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", TABLES_LOCK)
            for query in named_queries("postgresql.sql").values():
                await connection.execute(query)
        return cls(pool)

    async def run(self, steps: Sequence[Step]) -> Sequence[Sequence[Row]]:
        try:
            return await self._run(steps)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            # Without its text, in which values may stand.
            raise StoreUnavailable(type(error).__name__) from error

    async def _run(self, steps: Sequence[Step]) -> Sequence[Sequence[Row]]:
        async with self._pool.acquire() as connection, connection.transaction():
            return [await connection.fetch(self._queries[name], *values) for name, values in steps]

    async def close(self) -> None:
        await self._pool.close()
