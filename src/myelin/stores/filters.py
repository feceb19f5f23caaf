"""Filters that clients stored. Not in the log: nobody decides anything by them, and a client can store them again."""

from __future__ import annotations

from hashlib import sha256

import asyncpg
import orjson

from myelin.matrix.errors import LimitExceeded
from myelin.matrix.identifiers import encode_base64url
from myelin.matrix.json import JsonObject
from myelin.schema.queries import load_queries

ID_BYTES = 12
FILTERS_LIMIT = 1000


class StoredFilters:
    """Keeps filters by person and id."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.stores", "filters.sql")

    async def add(self, user_id: str, definition: JsonObject) -> str:
        """Keep a filter and return its id, which never begins with a brace."""
        text = orjson.dumps(definition)
        filter_id = "f" + encode_base64url(sha256(text).digest()[:ID_BYTES])
        if await self._pool.fetchval(self._queries["filter_count"], user_id) >= FILTERS_LIMIT:
            raise LimitExceeded("your clients have stored too many different filters", retry_after_ms=60_000)
        await self._pool.execute(self._queries["add_filter"], user_id, filter_id, text)
        return filter_id

    async def definition(self, user_id: str, filter_id: str) -> bytes | None:
        """Return a filter as JSON, None where there is none."""
        text: bytes | None = await self._pool.fetchval(self._queries["filter"], user_id, filter_id)
        return text
