"""One-time and fallback keys: given out here, once each and in the order in which they came.

Uploads are written beside their entries. Claims are written here: two processes that claim at the same moment are
kept apart by PostgreSQL's row locks, and the log only learns that somebody claimed.
"""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import msgspec

from myelin.schema.queries import load_queries


class OneTimeKey(msgspec.Struct, frozen=True, gc=False):
    """A key as its device uploaded it; `key` is canonical JSON."""

    algorithm: str
    key_id: str
    key: str


class WantedKey(msgspec.Struct, frozen=True, gc=False):
    """A key of this algorithm is wanted from this device."""

    user_id: str
    device_id: str
    algorithm: str


class ClaimedKey(msgspec.Struct, frozen=True, gc=False):
    """A key that was given out; `changed` says that its device has one less, or has used its fallback key."""

    wanted: WantedKey
    key: OneTimeKey
    changed: bool


class KeyCounts(msgspec.Struct, frozen=True):
    """How many one-time keys a device has left, and for which algorithms an unused fallback key."""

    one_time: dict[str, int]
    unused_fallback: list[str]


class OneTimeKeys:
    """The one-time and fallback keys of all devices, by device number."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.stores", "one_time_keys.sql")

    async def counts(self, device_number: int) -> KeyCounts:
        """Return what a device has left."""
        counted = await self._pool.fetch(self._queries["key_counts"], device_number)
        unused = await self._pool.fetch(self._queries["unused_fallback_types"], device_number)
        return KeyCounts({row["algorithm"]: row["count"] for row in counted}, [row["algorithm"] for row in unused])

    async def known(self, device_number: int, keys: Sequence[OneTimeKey]) -> dict[tuple[str, str], str]:
        """Return what the device has uploaded under the names of these one-time keys already."""
        names = [key.algorithm for key in keys], [key.key_id for key in keys]
        rows = await self._pool.fetch(self._queries["known_one_time_keys"], device_number, *names)
        return {(row["algorithm"], row["key_id"]): row["key"] for row in rows}

    async def fallback(self, device_number: int) -> list[OneTimeKey]:
        """Return a device's fallback keys."""
        return [key_of(row) for row in await self._pool.fetch(self._queries["known_fallback_keys"], device_number)]

    async def claim(self, wanted: Sequence[WantedKey]) -> list[ClaimedKey]:
        """Take one key of each of these devices, where there is one; it is durable, and nobody's else, on return."""
        async with self._pool.acquire() as connection, connection.transaction():
            claimed = await self._claim(connection, "claim_one_time_keys", wanted)
            taken = {key.wanted for key in claimed}
            rest = [item for item in wanted if item not in taken]
            return claimed + (await self._claim(connection, "claim_fallback_keys", rest) if rest else [])

    async def _claim(self, connection: asyncpg.Connection, query: str, wanted: Sequence[WantedKey]) -> list[ClaimedKey]:
        columns = ([getattr(item, name) for item in wanted] for name in WantedKey.__struct_fields__)
        rows = await connection.fetch(self._queries[query], *columns)
        return [
            ClaimedKey(WantedKey(row["user_id"], row["device_id"], row["algorithm"]), key_of(row), row["changed"])
            for row in rows
        ]


def key_of(row: asyncpg.Record) -> OneTimeKey:
    return OneTimeKey(row["algorithm"], row["key_id"], row["key"])
