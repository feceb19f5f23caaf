"""A person's account data, read back one piece at a time. Global data has an empty room id."""

from __future__ import annotations

import asyncpg
import orjson

from myelin.matrix.json import JsonObject
from myelin.schema.queries import load_queries


class AccountDataReader:
    """Reads account data from its projection."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.projections", "account_data.sql")

    async def content(self, user_id: str, room_id: str, event_type: str) -> JsonObject | None:
        """Return the content of one type, None where it was never set."""
        row = await self._pool.fetchrow(self._queries["account_data"], user_id, room_id, event_type)
        return orjson.loads(row["body"]) if row is not None else None

    async def read(self, user_id: str, room_id: str, event_type: str) -> tuple[JsonObject | None, int]:
        """Return the content, and the position of the person's last change before it was read."""
        # The position first: a change in between makes it too old, never too new, and the reader tries again.
        position: int = await self._pool.fetchval(self._queries["account_data_position"], user_id)
        return await self.content(user_id, room_id, event_type), position
