"""A person's devices by name, and what closed accounts leave behind."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import msgspec

from myelin.schema.queries import load_queries


class NamedDevice(msgspec.Struct, frozen=True):
    """A device and its display name, if it has one."""

    device_id: str
    display_name: str | None


class Accounts:
    """Reads by person."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.projections", "accounts.sql")

    async def devices(self, user_id: str) -> list[NamedDevice]:
        """Return the devices that are there, in the order in which they were made."""
        rows = await self._pool.fetch(self._queries["named_devices"], user_id)
        return [NamedDevice(row["device_id"], decoded_name(row["body"])) for row in rows]

    async def is_cross_signing_key(self, user_id: str, name: str) -> bool:
        """Whether one of a person's cross-signing keys is called so, and a device therefore may not be."""
        bodies = await self._pool.fetch(self._queries["cross_signing_bodies"], user_id)
        return any(name.encode() in row["body"] for row in bodies)

    async def memberships_of_closed(self) -> Sequence[tuple[str, str]]:
        """Return (user id, room id) wherever a closed account is still in a room, or asked or asking to be."""
        rows = await self._pool.fetch(self._queries["memberships_of_closed"])
        return [(row["user_id"], row["room_id"]) for row in rows]


def decoded_name(body: bytes | None) -> str | None:
    """Return the display name that an entry's body holds; None without one, or once it is erased."""
    return msgspec.json.decode(body, type=str | None) if body is not None else None
