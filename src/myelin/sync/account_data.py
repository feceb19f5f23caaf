"""The account data sections: global at the top level, and that of each room beside its events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import asyncpg
import orjson

from myelin.matrix.json import JsonObject
from myelin.rules.push import rules_of
from myelin.schema.queries import load_queries
from myelin.sync.reading import Reading
from myelin.sync.section import NOTHING, SectionFields

PUSH_RULES = "m.push_rules"


class AccountData:
    """Reads `account_data`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.sync", "account_data.sql")

    async def read(self, reading: Reading) -> SectionFields:
        """Return what changed; in an initial sync everything, and the push rules even if they never changed."""
        user = reading.user
        if not reading.initial and user.account_data_position <= reading.since:
            return NOTHING
        rows = await self._pool.fetch(self._queries["account_data_after"], user.user_id, reading.since)
        contents: dict[str, JsonObject] = {row["type"]: orjson.loads(row["body"]) for row in rows}
        if reading.initial or PUSH_RULES in contents:
            contents[PUSH_RULES] = cast(JsonObject, rules_of(contents.get(PUSH_RULES), user.user_id))
        passes = reading.filter.account_data
        events = [{"type": name, "content": content} for name, content in contents.items() if passes.passes_type(name)]
        return SectionFields({"account_data": {"events": events}}, is_news=True) if events else NOTHING


RoomEvents = Mapping[str, Sequence[JsonObject]]


class RoomAccountData:
    """Reads `account_data` of rooms."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.sync", "account_data.sql")

    async def changed(self, reading: Reading) -> RoomEvents:
        """Return the events that changed within the reading, by room."""
        if reading.user.account_data_position <= reading.since:
            return {}
        return await self._read(reading, reading.since, ())

    async def whole(self, reading: Reading, rooms: Sequence[str]) -> RoomEvents:
        """Return all events of these rooms."""
        if not rooms or reading.user.account_data_position < 0:
            return {}
        return await self._read(reading, reading.user.account_data_position, rooms)

    async def _read(self, reading: Reading, since: int, rooms: Sequence[str]) -> RoomEvents:
        passes = reading.filter.room.account_data
        found: dict[str, list[JsonObject]] = {}
        rows = await self._pool.fetch(self._queries["room_account_data"], reading.user.user_id, since, rooms)
        for row in rows:
            if passes.passes_type(row["type"]) and passes.passes_room(row["room_id"]):
                event: JsonObject = {"type": row["type"], "content": orjson.loads(row["body"])}
                found.setdefault(row["room_id"], []).append(event)
        return found
