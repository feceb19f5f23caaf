"""Rooms as they are found: by alias, in the list of public rooms, by a summary before joining."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import asyncpg
import msgspec

from myelin.append.loading import Loading
from myelin.matrix.errors import NotFound
from myelin.matrix.json import JsonObject
from myelin.schema.queries import Queries
from myelin.state.room import Room
from myelin.state.user import User

PUBLIC_RULES = frozenset({"public", "knock", "knock_restricted"})
RESTRICTED_RULES = frozenset({"restricted", "knock_restricted"})

# The state that describes a room, and what of it a summary shows under which name.
DESCRIPTIONS: Mapping[str, tuple[str, str]] = {
    "m.room.name": ("name", "name"),
    "m.room.topic": ("topic", "topic"),
    "m.room.avatar": ("url", "avatar_url"),
    "m.room.canonical_alias": ("alias", "canonical_alias"),
    "m.room.encryption": ("algorithm", "encryption"),
    "m.room.guest_access": ("guest_access", "guest_access"),
}


class StateBody(msgspec.Struct, frozen=True):
    """What a summary reads of a state event."""

    content: JsonObject


_decode = msgspec.json.Decoder(StateBody).decode


class RoomDirectory:
    """Finds and describes rooms."""

    def __init__(self, pool: asyncpg.Pool, queries: Queries, loading: Loading) -> None:
        self._pool = pool
        self._queries = queries
        self._loading = loading

    async def room_of(self, alias: str) -> str:
        """Return the room to which an alias leads; `NotFound` where it leads nowhere."""
        room_id: str | None = await self._pool.fetchval(self._queries["room_of_alias"], alias)
        if room_id is None:
            raise NotFound("there is no such room address")
        return room_id

    async def aliases_of(self, room_id: str) -> list[str]:
        """Return the aliases that lead to a room."""
        return [row["alias"] for row in await self._pool.fetch(self._queries["aliases_of_room"], room_id)]

    async def is_listed(self, room_id: str) -> bool:
        """Whether a room is in the list of public rooms; `NotFound` where there is no such room."""
        listed: bool | None = await self._pool.fetchval(self._queries["is_listed"], room_id)
        if listed is None:
            raise NotFound("there is no such room")
        return listed

    async def listed(self) -> list[JsonObject]:
        """Return the summaries of all public rooms, the largest first."""
        return await self.summaries([row["room_id"] for row in await self._pool.fetch(self._queries["listed_rooms"])])

    async def summary(self, room_id: str, user: User | None) -> JsonObject:
        """Return the summary of a room for somebody who may know of it; `NotFound` for anybody else."""
        room = await self._loading.room(room_id)
        if room is None or not may_know(room, user):
            raise NotFound("there is no such room, or you may not see it")
        (found,) = await self.summaries([room_id])
        membership = room.membership(user.user_id) if user is not None else None
        return found | ({"membership": membership} if membership is not None else {})

    async def summaries(self, room_ids: Sequence[str]) -> list[JsonObject]:
        """Return what these rooms say of themselves, in the same order."""
        contents: dict[str, JsonObject] = {room_id: {} for room_id in room_ids}
        for row in await self._pool.fetch(self._queries["described_rooms"], room_ids, list(DESCRIPTIONS)):
            key, name = DESCRIPTIONS[row["type"]]
            value = _decode(row["body"]).content.get(key)
            if isinstance(value, str) and value:
                contents[row["room_id"]][name] = value
        counts = await self._pool.fetch(self._queries["joined_counts"], room_ids)
        joined = {row["room_id"]: row["joined"] for row in counts}
        rooms = [await self._loading.room(room_id) for room_id in room_ids]
        return [described(room, contents[room.room_id], joined.get(room.room_id, 0)) for room in rooms if room]


def described(room: Room, content: JsonObject, joined: int) -> JsonObject:
    """Return the summary of one room."""
    guest_access = content.pop("guest_access", None)
    summary: JsonObject = {
        **content,
        "room_id": room.room_id,
        "num_joined_members": joined,
        "world_readable": room.history_visibility == "world_readable",
        "guest_can_join": guest_access == "can_join",
        "join_rule": room.join_rule,
        "room_version": room.version.id,
    }
    if room.room_type is not None:
        summary["room_type"] = room.room_type
    if room.join_rule in RESTRICTED_RULES:
        summary["allowed_room_ids"] = list(room.join_allowed)
    return summary


def may_know(room: Room, user: User | None) -> bool:
    """Whether somebody (None: nobody known) may see a summary: they may come in, or read, or have been asked."""
    if room.join_rule in PUBLIC_RULES or room.history_visibility == "world_readable":
        return True
    if user is None:
        return False
    if room.membership(user.user_id) in ("join", "invite", "knock"):
        return True
    return room.join_rule in RESTRICTED_RULES and bool(set(user.rooms_with("join")) & set(room.join_allowed))
