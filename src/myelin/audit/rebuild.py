"""`myelin log rebuild`: makes all projections anew beside a running server, compares, and puts them in place.

The shadow is filled at its own pace, compared in one snapshot, brought up to date while nobody appends, and given the
name of what it replaces. A crash before that leaves a shadow that the next run drops; a crash after it, the old
projections, dropped likewise.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import asyncpg
import msgspec

from myelin.audit.differences import Difference, differences
from myelin.audit.refold import Refold, UnknownRoom
from myelin.log.log import Log
from myelin.log.standstill import standstill
from myelin.schema.connections import connect
from myelin.schema.queries import load_queries

SHADOW = "projections_shadow"
SEARCH_PATH = "projections_shadow, log, stores, public"
ENTRIES_AT_ONCE = 200
FIRST_ANALYZE = 1000
# Appends stand still for a second at most in one attempt; so long a pause follows on one that came to nothing.
LOOK_INTERVAL_S = 0.02
LOOKS = 50
PAUSE_S = 1.0
ATTEMPTS = 60
DROP_LOCK_TIMEOUT_S = 60


class RebuildUnderWay(Exception):
    """Another rebuild of this database is under way; wait for it."""


class ProjectionsStillRead(Exception):
    """Somebody reads this database in one long transaction, such as a backup or a check; try again when it is over."""


class Rebuilt(msgspec.Struct, frozen=True):
    """How many entries were folded, in what the projections differed, and whether the new ones took their place."""

    size: int
    differences: tuple[Difference, ...]
    is_exchanged: bool

    def lines(self) -> list[str]:
        """Return the report as it is printed."""
        made = f"{self.size} entries folded; "
        made += "the projections were made anew" if self.is_exchanged else "the projections were compared only"
        if not self.differences:
            return [f"{made}; they are what the log makes of them"]
        advice = ["restart every server process: it may remember what was wrong"] if self.is_exchanged else []
        return [*map(str, self.differences), made, *advice]


async def rebuild(database_url: str, write: Callable[[str], None], compare_only: bool = False) -> int:
    """Rebuild the projections, or compare them only, and write what was found; return the exit code."""
    try:
        rebuilt = await rebuild_projections(database_url, compare_only)
    except (RebuildUnderWay, ProjectionsStillRead) as refusal:
        write(refusal.__doc__ or "")
        return 1
    except UnknownRoom:
        write("the log itself is damaged; `myelin log check` says where")
        return 1
    for line in rebuilt.lines():
        write(line)
    return 1 if rebuilt.differences and compare_only else 0


async def rebuild_projections(database_url: str, compare_only: bool = False) -> Rebuilt:
    """Make the projections anew; put them in place unless they are to be compared only."""
    connection = await connect(database_url, SEARCH_PATH, timeout_s=None, planning={})
    try:
        return await Rebuild(connection).run(compare_only)
    finally:
        await connection.close()


class Rebuild:
    """One rebuild, over a connection whose search path names the shadow."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._queries = load_queries("myelin.audit")
        self._log = Log(connection)
        self._refold = Refold(connection)
        self._position = -1
        self._analyze_at = FIRST_ANALYZE

    async def run(self, compare_only: bool) -> Rebuilt:
        """Fill the shadow, compare it, and exchange it for the projections."""
        if not await self._connection.fetchval(self._queries["claim_rebuild"]):
            raise RebuildUnderWay
        await self._connection.execute(self._queries["drop_leftovers"])
        await self._connection.execute(self._queries["create_shadow_schema"])
        await self._connection.execute(self._queries["make_shadow"], SHADOW)
        try:
            await self._catch_up()
            await self._connection.execute(self._queries["analyze_shadow"], SHADOW)
            found = await self._compare()
            if not compare_only:
                await self._exchange()
        finally:
            if not self._connection.is_closed():
                await self._drop_leftovers()
        return Rebuilt(self._position + 1, tuple(found), not compare_only)

    async def _catch_up(self) -> None:
        while entries := await self._log.read(self._position, ENTRIES_AT_ONCE):
            async with self._connection.transaction():
                await self._refold.load(entries)
                for entry in entries:
                    self._refold.fold(entry)
                await self._refold.write()
            self._position = entries[-1].position
            if self._position >= self._analyze_at:
                await self._connection.execute(self._queries["analyze_shadow"], SHADOW)
                self._analyze_at *= 4

    async def _compare(self) -> list[Difference]:
        # In one snapshot: the shadow comes up to the last entry that it holds, and the projections are those of it.
        async with self._connection.transaction(isolation="repeatable_read"):
            await self._catch_up()
            return await differences(self._connection, SHADOW)

    async def _exchange(self) -> None:
        for _ in range(ATTEMPTS):
            await self._catch_up()
            async with standstill(self._connection):
                if await self._is_exchanged():
                    return
            await asyncio.sleep(PAUSE_S)
        raise ProjectionsStillRead

    async def _is_exchanged(self) -> bool:
        """Exchange the schemas while nobody appends; false where somebody still reads an older snapshot.

        Such a reader would find the shadow by its new name and see it as it was before it had caught up.
        """
        await self._catch_up()
        moment = await self._connection.fetchval(self._queries["database_moment"])
        for _ in range(LOOKS):
            if not await self._connection.fetchval(self._queries["is_still_read"], moment):
                break
            await asyncio.sleep(LOOK_INTERVAL_S)
        else:
            return False
        async with self._connection.transaction():
            await self._connection.execute(self._queries["put_away_projections"])
            await self._connection.execute(self._queries["put_in_shadow"])
        return True

    async def _drop_leftovers(self) -> None:
        # What is still read now is dropped by the next rebuild.
        with suppress(asyncpg.LockNotAvailableError):
            await self._connection.execute(self._queries["wait_shortly"], f"{DROP_LOCK_TIMEOUT_S}s")
            await self._connection.execute(self._queries["drop_leftovers"])
