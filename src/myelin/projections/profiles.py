"""Profiles, read back from their projection; and where the rooms have not heard of a change yet."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import msgspec
import orjson

from myelin.matrix.json import JsonObject
from myelin.schema.queries import load_queries


class RoomBehind(msgspec.Struct, frozen=True):
    """A room that shows an older name or picture of a person, by this member event."""

    user_id: str
    room_id: str
    event_id: str


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

    async def rooms_behind(self, user_ids: Sequence[str] | None = None) -> Sequence[RoomBehind]:
        """Return where a member event is older than the profile: of these people, or of everybody."""
        rows = await self._pool.fetch(self._queries["rooms_behind_profile"], user_ids)
        return [RoomBehind(row["user_id"], row["room_id"], row["event_id"]) for row in rows]
