"""Profiles, read back from their projection; and where the rooms have not heard of a change yet."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import orjson

from myelin.matrix.json import JsonObject
from myelin.schema.queries import load_queries


class ProfileReader:
    """Reads profiles."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.projections", "profiles.sql")

    async def profile(self, user_id: str) -> JsonObject | None:
        """Return the fields that are set, None where there is no such account."""
        rows = await self._pool.fetch(self._queries["profile"], user_id)
        if not rows:
            return None
        return {row["field"]: orjson.loads(row["body"]) for row in rows if row["field"] is not None}

    async def rooms_behind(self, user_id: str | None = None) -> Sequence[tuple[str, str]]:
        """Return (user, room) where a member event is older than the profile: of one person, or of everybody."""
        rows = await self._pool.fetch(self._queries["rooms_behind_profile"], user_id)
        return [(row["user_id"], row["room_id"]) for row in rows]
