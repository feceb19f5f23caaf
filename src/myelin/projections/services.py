"""The services of the hospital, as they are listed for everybody."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import msgspec

from myelin.schema.queries import load_queries


class Service(msgspec.Struct, frozen=True):
    """A service and its title."""

    user_id: str
    title: str


class ServiceReader:
    """Reads services."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.projections", "services.sql")

    async def services(self) -> Sequence[Service]:
        """Return every service that is not closed, by user id."""
        rows = await self._pool.fetch(self._queries["services"])
        return [Service(row["user_id"], title_of(row["body"])) for row in rows]


def title_of(body: bytes | None) -> str:
    """Return the title that an entry's body holds, nothing where there is none."""
    return (msgspec.json.decode(body, type=str | None) if body is not None else None) or ""
