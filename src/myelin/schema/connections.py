"""Connections to PostgreSQL as the rest of the server expects them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import asyncpg
from asyncpg.pool import PoolAcquireContext

SEARCH_PATH = "projections, log, stores, public"
# A plan is kept for as long as nobody has counted the rows. What is asked of an empty table is planned to look through
# it, and would look through a million rows a minute later; every question here has its index. Bitmaps lose the order of
# an index: a page of what relates to a message would be sorted out of a hundred thousand.
BY_INDEX = {"enable_seqscan": "off", "enable_bitmapscan": "off"}
COMMAND_TIMEOUT_S = 30
CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 15
# So long a read waits for its turn. A database that does not answer holds every connection; whoever comes is told.
ACQUIRE_TIMEOUT_S = 10
# A connection whose last command was given up is waited for so long before it is dropped.
RELEASE_TIMEOUT_S = 3
CLOSE_TIMEOUT_S = 3
# Whatever comes instead of an answer: for whoever has time to ask again, and nobody who waits.
DATABASE_FAULTS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


class Unreachable(ConnectionError):
    """The database lets nobody in: the cause says why."""


class ReadPool(asyncpg.Pool):  # type: ignore[misc]  # the driver has no types
    """A pool in whose line nobody stands for ever."""

    def acquire(self, *, timeout: float | None = None) -> PoolAcquireContext:
        # A limit costs a task; there is no line where a connection is free.
        return super().acquire(timeout=None if self.get_idle_size() else timeout or ACQUIRE_TIMEOUT_S)

    async def release(self, connection: asyncpg.Connection, *, timeout: float | None = None) -> None:
        await super().release(connection, timeout=timeout or RELEASE_TIMEOUT_S)


async def connect(
    database_url: str,
    search_path: str = SEARCH_PATH,
    timeout_s: float | None = COMMAND_TIMEOUT_S,
    planning: Mapping[str, str] = BY_INDEX,
) -> asyncpg.Connection:
    """Open one connection with the search path that queries rely on; a command may take `timeout_s`."""
    return await let_in(
        database_url,
        server_settings={"search_path": search_path, "application_name": "myelin", **planning},
        command_timeout=timeout_s,
        timeout=CONNECT_TIMEOUT_S,
    )


async def let_in(*where: Any, **options: Any) -> asyncpg.Connection:
    """Connect as asyncpg does; `Unreachable` where the database refuses, be it starting, renamed or closed to us."""
    try:
        return await asyncpg.connect(*where, **options)
    except asyncpg.PostgresError as refusal:
        raise Unreachable(str(refusal)) from refusal


async def open_pool(database_url: str, size: int = 8) -> asyncpg.Pool:
    """Open the pool that reads share."""
    return await ReadPool(
        database_url,
        min_size=0,
        max_size=size,
        max_queries=50_000,
        max_inactive_connection_lifetime=300,
        reset=keep_session,
        connect=let_in,
        loop=None,
        connection_class=asyncpg.Connection,
        record_class=asyncpg.Record,
        server_settings={"search_path": SEARCH_PATH, "application_name": "myelin", **BY_INDEX},
        command_timeout=READ_TIMEOUT_S,
        timeout=CONNECT_TIMEOUT_S,
    )


async def close_pool(pool: asyncpg.Pool) -> None:
    """Close a pool; at once where a lost database keeps its connections from ending properly."""
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await pool.close()
    except TimeoutError:
        pool.terminate()


async def keep_session(connection: asyncpg.Connection) -> None:
    """Leave the session as it is: no query changes settings, and a reset would be one more round trip a read."""
