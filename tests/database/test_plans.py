"""Plans do not depend on when they were made: a table that was empty then is not looked through when it is full."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest

from myelin.schema.connections import connect, open_pool
from tests.cores import running_core

pytestmark = pytest.mark.database

RELATED = """
EXPLAIN UPDATE projections.events SET has_children = true
  FROM jsonb_to_recordset('[]') AS row(event_id text) WHERE events.event_id = row.event_id
"""


async def plan(connection: asyncpg.Connection | asyncpg.Pool) -> str:
    return "\n".join(row[0] for row in await connection.fetch(RELATED))


def test_events_are_found_by_index_though_there_are_none_yet(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with running_core(database_url, tmp_path):
            pool, usual = await open_pool(database_url, size=1), await asyncpg.connect(database_url)
            appending = await connect(database_url)
            assert "Seq Scan on events" in await plan(usual)
            for connection in (pool, appending):
                assert "Index Scan using events_event_id" in await plan(connection)
            await asyncio.gather(usual.close(), appending.close(), pool.close())

    asyncio.run(story())
