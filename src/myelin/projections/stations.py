"""The stations of the wards, as they are listed for IT and for the services that ring them."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import msgspec

from myelin.projections.services import title_of
from myelin.schema.queries import load_queries


class Station(msgspec.Struct, frozen=True):
    """A station, its title, and the department that it stands in."""

    user_id: str
    title: str
    department_id: str


class StationReader:
    """Reads stations."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.projections", "stations.sql")

    async def stations(self, department_id: str | None = None) -> Sequence[Station]:
        """Return every station that is not closed, by user id; only those of one department where one is named."""
        rows = await self._pool.fetch(self._queries["stations"], department_id)
        return [Station(row["user_id"], title_of(row["body"]), row["department_id"]) for row in rows]
