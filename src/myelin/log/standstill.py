"""A standstill of the log: for a moment nobody appends, whichever process they are of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from myelin.schema.queries import load_queries


@asynccontextmanager
async def standstill(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Hold the lock that every append takes. Whoever appends waits: be quick. A lost connection lets go, and so does
    a process that stops in the middle, after half a minute."""
    queries = load_queries("myelin.log", "standstill.sql")
    await connection.execute(queries["hold_appends"])
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.execute(queries["let_appends_go"])
