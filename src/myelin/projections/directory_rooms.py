"""What is left to do so that the rooms of the directory are as the directory has them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import asyncpg
import msgspec

from myelin.entries.directory_plan import DepartmentBody
from myelin.schema.queries import load_queries


class RemainingDirectoryRooms:
    """Compares people, posts, device keys and memberships."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.projections", "directory_rooms.sql")

    async def departments_without_room(self) -> Sequence[tuple[str, str]]:
        """Return (department id, name) of departments that have people and no room."""
        return named(await self._pool.fetch(self._queries["departments_without_room"]))

    async def misnamed_rooms(self) -> Sequence[tuple[str, str]]:
        """Return (room id, name) of departments' rooms that are called otherwise."""
        return named(await self._pool.fetch(self._queries["misnamed_rooms"]))

    async def everybody(self) -> Sequence[str]:
        """Return whoever is or was in the directory."""
        return [row["user_id"] for row in await self._pool.fetch(self._queries["everybody"])]

    async def moves(self, people: Sequence[str], announcements: bool) -> Sequence[tuple[str, str]]:
        """Return (user id, room id) of whoever of these is to join or leave; `announcements`: the room of all too."""
        rows = await self._pool.fetch(self._queries["moves"], people, announcements)
        return [(row["user_id"], row["room_id"]) for row in rows]

    async def not_yet_reachable(self, room_id: str) -> Sequence[str]:
        """Return who is to be in a department's room and has published no keys yet; nobody for other rooms."""
        return [row["user_id"] for row in await self._pool.fetch(self._queries["not_yet_reachable"], room_id)]


def named(rows: Iterable[asyncpg.Record]) -> list[tuple[str, str]]:
    """Return the first column with the name that a department's entry gives."""
    return [(row[0], msgspec.json.decode(row[1], type=DepartmentBody).name) for row in rows]
