"""Room summaries: how many people a room has, and after whom to call it where it has no name."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import msgspec

from myelin.matrix.json import JsonObject
from myelin.schema.queries import load_queries

# What changes a summary: members, and whether there is a name.
SUMMARY_TYPES = frozenset({"m.room.member", "m.room.name", "m.room.canonical_alias"})


class Summary(msgspec.Struct, frozen=True):
    """What clients need to present a room; `heroes` is None where the room has a name. `kind` is ours."""

    joined: int
    invited: int
    heroes: Sequence[str] | None
    kind: str | None

    def fields(self) -> JsonObject:
        """Return the summary as the specification names its parts."""
        fields: JsonObject = {"m.joined_member_count": self.joined, "m.invited_member_count": self.invited}
        return fields if self.heroes is None else {**fields, "m.heroes": list(self.heroes)}


class Summaries:
    """Reads summaries."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.sync", "summaries.sql")

    async def read(self, viewer_id: str, rooms: Sequence[str]) -> dict[str, Summary]:
        """Return the present summaries of rooms as this person needs them."""
        if not rooms:
            return {}
        rows = await self._pool.fetch(self._queries["room_summaries"], rooms, viewer_id)
        return {row["room_id"]: Summary(row["joined"], row["invited"], row["heroes"], row["kind"]) for row in rows}
