"""`log rebuild`: the projections made anew are those that were there, and nobody who writes or reads notices."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import asyncpg
import pytest

from myelin.audit.check import check_log
from myelin.audit.rebuild import RebuildUnderWay, rebuild, rebuild_projections
from myelin.entries.entry import Draft
from myelin.entries.facts import ProfileSet
from myelin.schema.connections import connect
from tests.database.histories import History
from tests.database.logs import begin_again, open_log
from tests.database.story import WANG, Story, tamper

pytestmark = [pytest.mark.database, pytest.mark.anyio]

SCHEMA = """
SELECT tablename, indexname, replace(indexdef, ' ON projections.', ' ON ') FROM pg_indexes
 WHERE schemaname = 'projections' ORDER BY 1, 2
"""
SHADOW_IS_THERE = "SELECT FROM pg_namespace WHERE nspname = 'projections_shadow'"
APPENDS_ARE_HELD = """
SELECT FROM pg_locks
 WHERE locktype = 'advisory' AND granted AND (classid::bigint << 32) + objid::bigint = 7205759403792793600
"""
SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'projections%'"


async def lines_of(url: str, compare_only: bool = False) -> tuple[int, str]:
    """What the command prints, and its exit code."""
    lines: list[str] = []
    code = await rebuild(url, lines.append, compare_only)
    return code, "\n".join(lines)


async def fetch(url: str, query: str) -> list[tuple[object, ...]]:
    connection = await connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def assert_whole(url: str) -> None:
    assert [str(fault) for fault in (await check_log(url)).faults] == []
    assert await fetch(url, SCHEMAS) == [("projections",)]


async def test_projections_are_made_anew_while_others_append(database_url: str) -> None:
    async with open_log(database_url) as log:
        history = History(log, Random(5))
        await history.begin()
        await history.go_on(120)
        before, head = await fetch(database_url, SCHEMA), log.memory.head
        going_on = asyncio.create_task(history.go_on(150))
        rebuilt = await rebuild_projections(database_url)
        await going_on
        await history.go_on(20)
        assert (rebuilt.differences, rebuilt.is_exchanged) == ((), True)
        assert rebuilt.size > head + 1
        assert log.memory.head + 1 > rebuilt.size
    assert await fetch(database_url, SCHEMA) == before
    await assert_whole(database_url)


async def test_damaged_projections_are_repaired_and_named(copy: str, story: Story) -> None:
    await tamper(copy, "DELETE FROM receipts", story.named("UPDATE events SET notice = 2 WHERE position = {first}"))
    code, text = await lines_of(copy)
    assert code == 0
    assert "events: 1 rows missing or wrong, 1 wrong or too many" in text
    assert "receipts: 1 rows missing or wrong, 0 wrong or too many" in text
    assert "restart every server process" in text
    await assert_whole(copy)
    assert (await lines_of(copy))[1].endswith("they are what the log makes of them")


async def test_comparing_changes_nothing(copy: str) -> None:
    await tamper(copy, "DELETE FROM receipts")
    code, text = await lines_of(copy, compare_only=True)
    assert (code, "receipts: 1 rows" in text) == (1, True)
    assert await fetch(copy, "SELECT * FROM receipts") == []
    assert await fetch(copy, SCHEMAS) == [("projections",)]


async def test_what_an_interrupted_rebuild_left_is_dropped(copy: str) -> None:
    await tamper(
        copy,
        "CREATE SCHEMA projections_shadow CREATE TABLE events (position bigint)",
        "CREATE SCHEMA projections_before CREATE TABLE events (position bigint)",
    )
    assert (await rebuild_projections(copy)).is_exchanged
    await assert_whole(copy)


async def test_a_rebuild_that_is_interrupted_leaves_the_projections_alone(copy: str) -> None:
    async with reader(copy):
        interrupted = asyncio.create_task(rebuild_projections(copy))
        await until(copy, SHADOW_IS_THERE)
        interrupted.cancel()
        with pytest.raises(asyncio.CancelledError):
            await interrupted
    assert (await rebuild_projections(copy)).differences == ()
    await assert_whole(copy)


async def test_two_rebuilds_do_not_meet(copy: str) -> None:
    async with reader(copy) as reading:
        other = asyncio.create_task(rebuild_projections(copy))
        await until(copy, SHADOW_IS_THERE)
        with pytest.raises(RebuildUnderWay):
            await rebuild_projections(copy)
        await reading.execute("COMMIT")
        assert (await other).is_exchanged


async def test_whoever_reads_an_older_snapshot_is_waited_for_and_nobody_stands_still(copy: str) -> None:
    async with begin_again(copy) as log, reader(copy) as reading:
        seen = await reading.fetch("SELECT * FROM events ORDER BY position")
        rebuilding = asyncio.create_task(rebuild_projections(copy))
        await until(copy, APPENDS_ARE_HELD)
        # Everybody is held up for a moment, and goes on although the exchange has to wait.
        await log.emit(Draft(facts=ProfileSet("displayname"), body=b'"W"', sender=WANG.user_id))
        assert not rebuilding.done()
        assert await reading.fetch("SELECT * FROM events ORDER BY position") == seen
        await reading.execute("COMMIT")
        assert (await rebuilding).is_exchanged
    await assert_whole(copy)


@asynccontextmanager
async def reader(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody who reads one snapshot until they commit."""
    connection = await connect(url)
    try:
        await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM rooms")
        yield connection
    finally:
        await connection.close()


async def until(url: str, query: str) -> None:
    """Look until the query finds something."""
    connection = await connect(url)
    try:
        while not await connection.fetch(query):
            pass
    finally:
        await connection.close()
