"""The push rules of everybody who ever changed them: read once, at the start of a process."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import orjson

from myelin.matrix.json import JsonObject
from myelin.schema.queries import load_queries

ROWS_AT_ONCE = 100


async def push_rules(pool: asyncpg.Pool) -> AsyncIterator[tuple[str, JsonObject]]:
    """Yield each person with their `m.push_rules`, as of a head at or after that at the time of the call."""
    query = load_queries("myelin.projections", "push_rules.sql")["push_rules"]
    async with pool.acquire() as connection, connection.transaction():
        async for row in connection.cursor(query, prefetch=ROWS_AT_ONCE):
            yield row["user_id"], orjson.loads(row["body"])
