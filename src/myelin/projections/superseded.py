"""Private bodies that something newer has replaced and that wait to be erased."""

from __future__ import annotations

import asyncpg

from myelin.entries.entry import Entry
from myelin.entries.rows import entry_from_row
from myelin.schema.queries import load_queries


class SupersededBodies:
    """Reads them, those that were replaced first first."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.projections", "superseded.sql")

    async def before(self, at: int, limit: int) -> list[Entry]:
        """Return entries whose bodies were replaced before this time in ms, at most `limit`."""
        rows = await self._pool.fetch(self._queries["superseded_bodies"], limit)
        return [entry_from_row(row) for row in rows if row["superseded_at"] < at]
