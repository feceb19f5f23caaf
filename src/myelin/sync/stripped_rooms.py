"""Rooms at whose door the viewer stands: invitations and knocks, with the stripped state that says which room it is."""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg
import orjson

from myelin.matrix.json import JsonObject
from myelin.schema.queries import load_queries
from myelin.sync.reading import Reading

# Stripped state should contain some or all of the following state events; m.room.create is required.
STRIPPED_TYPES = (
    "m.room.create",
    "m.room.name",
    "m.room.avatar",
    "m.room.topic",
    "m.room.join_rules",
    "m.room.canonical_alias",
    "m.room.encryption",
    "org.myelin.room",
)
STATE_NAMES = {"invite": "invite_state", "knock": "knock_state"}


class StrippedRooms:
    """Builds `rooms.invite` and `rooms.knock`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.sync", "stripped_rooms.sql")

    async def read(self, reading: Reading, membership: str) -> Mapping[str, JsonObject]:
        """Return the rooms with this membership ("invite" or "knock") that is newer than the reading's start."""
        rooms = {
            name: room.position
            for name, room in reading.user.rooms.items()
            if room.membership == membership and room.position > reading.since and reading.filter.room.passes_room(name)
        }
        if not rooms:
            return {}
        events: dict[str, list[JsonObject]] = {}
        inviters: dict[str, str] = {}
        for row in await self._pool.fetch(
            self._queries["stripped_state"], list(rooms), list(rooms.values()), STRIPPED_TYPES, reading.user.user_id
        ):
            events.setdefault(row["room_id"], []).append(stripped(row))
            if (row["type"], row["state_key"]) == ("m.room.member", reading.user.user_id):
                inviters[row["room_id"]] = row["sender"]
        # Servers must not send room invites from ignored users to clients.
        return {
            name: {STATE_NAMES[membership]: {"events": found}}  # type: ignore[dict-item]
            for name, found in events.items()
            if inviters.get(name) not in reading.user.ignored
        }


def stripped(row: asyncpg.Record) -> JsonObject:
    """Return a state event with no more than its sender, type, state key and content."""
    return {
        "type": row["type"],
        "state_key": row["state_key"],
        "sender": row["sender"],
        "content": orjson.loads(row["body"])["content"],
    }
