"""Pushers: where people's devices are rung, and up to where each has been.

Not in the log, which says only that they changed: who has a pushkey can ring the device. Setting and removing them
goes through the log's transaction (`log.write_pushers`); where they stand is written here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import asyncpg
import msgspec
import orjson

from myelin.matrix.json import JsonObject
from myelin.schema.queries import load_queries


class Pusher(msgspec.Struct, frozen=True, kw_only=True):
    """One pusher, in the specification's words. `set_at` is in ms, `since` the head of the log at that time."""

    user_id: str
    app_id: str
    pushkey: str
    device_id: str
    app_display_name: str
    device_display_name: str
    profile_tag: str
    lang: str
    data: JsonObject
    set_at: int
    since: int
    cursor: int | None = None
    failing_since: int | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What no two pushers share."""
        return self.user_id, self.app_id, self.pushkey

    def fields(self) -> JsonObject:
        """Return what clients see of it."""
        names = ("app_id", "pushkey", "app_display_name", "device_display_name", "lang", "data")
        fields: JsonObject = {"kind": "http", **{name: getattr(self, name) for name in names}}
        return fields | ({"profile_tag": self.profile_tag} if self.profile_tag else {})


class Stand(msgspec.Struct, frozen=True):
    """Where a pusher stands: up to where it was rung (None: up to date), and since when that fails."""

    key: tuple[str, str, str]
    cursor: int | None
    failing_since: int | None


class Pushers:
    """Everybody's pushers."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.stores", "pushers.sql")

    async def of(self, user_id: str) -> list[Pusher]:
        """Return a person's pushers."""
        return [pusher_of(row) for row in await self._pool.fetch(self._queries["pushers_of"], user_id)]

    async def all(self) -> list[Pusher]:
        """Return everybody's pushers."""
        return [pusher_of(row) for row in await self._pool.fetch(self._queries["pushers"])]

    async def is_shared(self, pusher: Pusher) -> bool:
        """Whether somebody else has a pusher of the same app and key."""
        return bool(await self._pool.fetchval(self._queries["is_shared"], *pusher.key))

    async def exist(self) -> bool:
        """Whether there are any."""
        return bool(await self._pool.fetchval(self._queries["any_pusher"]))

    async def position(self) -> int | None:
        """Return up to where the log has been followed, None before the first time."""
        position: int | None = await self._pool.fetchval(self._queries["push_position"])
        return position

    async def keep(self, position: int, stands: Iterable[Stand]) -> None:
        """Keep up to where the log has been followed, and where those stand who are behind or were: both or neither."""
        rows = list(stands)
        columns: list[list[Any]] = [[row.key[index] for row in rows] for index in range(3)]
        columns += [[row.cursor for row in rows], [row.failing_since for row in rows]]
        async with self._pool.acquire() as connection, connection.transaction():
            if rows:
                await connection.execute(self._queries["keep_cursors"], *columns)
            await connection.execute(self._queries["keep_push_position"], position)


def pusher_of(row: asyncpg.Record) -> Pusher:
    """Return the pusher of a row."""
    fields = dict(row)
    return Pusher(**{**fields, "data": orjson.loads(fields["data"])})
