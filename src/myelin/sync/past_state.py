"""The state of a room as it is, or as it was for somebody who left: whole, by key, or its members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import asyncpg
import msgspec

from myelin.matrix.json import JsonObject
from myelin.schema.queries import Queries
from myelin.sync.filters import RoomEventFilter
from myelin.sync.rendering import Renderer, Row
from myelin.sync.room_view import RoomView

MEMBER = "m.room.member"


class MemberBody(msgspec.Struct, frozen=True):
    """What lists of members read of a member event."""

    content: JsonObject


_decode_member = msgspec.json.Decoder(MemberBody).decode


class PastState:
    """Reads state. `queries` are those of the history, `sync_queries` those that `/sync` has too."""

    def __init__(self, pool: asyncpg.Pool, queries: Queries, sync_queries: Queries, renderer: Renderer) -> None:
        self._pool = pool
        self._queries = queries
        self._sync_queries = sync_queries
        self._renderer = renderer

    async def whole(self, view: RoomView) -> list[bytes]:
        """Return every state event."""
        return await self._rendered(view, await self._state_at(view, view.upto, members=True))

    async def one(self, view: RoomView, event_type: str, state_key: str) -> Row | None:
        """Return the row of one state event, None where there is none."""
        row: Row | None = await self._pool.fetchrow(
            self._queries["state_event"], view.room.room_id, event_type, state_key, view.upto
        )
        return row

    async def one_rendered(self, view: RoomView, row: Row) -> bytes:
        """Return a state event as clients see it."""
        return (await self._rendered(view, [row]))[0]

    async def members(self, view: RoomView, at: int, membership: str | None, not_membership: str | None) -> list[bytes]:
        """Return the member events at a position: those with the one membership, or without the other.

        A moment that the person may not see is answered with the next one that they may.
        """
        moment = min(view.seen_from(at), view.upto)
        rows = await self._pool.fetch(self._queries["members_of"], view.room.room_id, moment)
        return await self._rendered(view, [row for row in rows if is_wanted(row, membership, not_membership)])

    async def joined_members(self, view: RoomView) -> Mapping[str, Mapping[str, str]]:
        """Return the names and pictures of those who are in the room."""
        rows = await self._pool.fetch(self._queries["members_of"], view.room.room_id, view.upto)
        contents = {row["state_key"]: _decode_member(row["body"]).content for row in rows}
        return {name: profile(content) for name, content in contents.items() if content.get("membership") == "join"}

    async def beside(self, view: RoomView, at: int, passes: RoomEventFilter, shown: Sequence[Row]) -> list[bytes]:
        """Return the state at a position; with lazy loading, of the members only those who sent what is shown."""
        lazy = passes.lazy_load_members
        rows = await self._state_at(view, at, members=not lazy)
        if lazy:
            rows = [*rows, *await self._members(view, at, {row["sender"] for row in shown})]
        return await self._rendered(view, [row for row in rows if passes.passes(row["type"], row["sender"])])

    async def members_beside(self, view: RoomView, shown: Sequence[Row]) -> list[bytes]:
        """Return the member events of those who sent these events, as they were at the newest of them."""
        if not shown:
            return []
        newest = max(row["position"] for row in shown)
        return await self._rendered(view, await self._members(view, newest, {row["sender"] for row in shown}))

    async def _members(self, view: RoomView, at: int, user_ids: Iterable[str]) -> Sequence[Row]:
        names = sorted(user_ids)
        room_ids, positions = [view.room.room_id] * len(names), [at] * len(names)
        rows: Sequence[Row] = await self._pool.fetch(self._sync_queries["members_at"], room_ids, names, positions)
        return rows

    async def _state_at(self, view: RoomView, at: int, members: bool) -> Sequence[Row]:
        rows: Sequence[Row] = await self._pool.fetch(self._sync_queries["state_at"], [view.room.room_id], [at], members)
        return rows

    async def _rendered(self, view: RoomView, rows: Sequence[Row]) -> list[bytes]:
        rendered = await self._renderer.render(rows, view.viewer, {view.room.room_id: view.memberships})
        return [rendered[row["position"]] for row in rows]


def is_wanted(row: Row, membership: str | None, not_membership: str | None) -> bool:
    """Whether a member is of the one membership or, where that is given, not of the other."""
    if membership is None and not_membership is None:
        return True
    found = _decode_member(row["body"]).content.get("membership")
    return found == membership or (not_membership is not None and found != not_membership)


def profile(content: JsonObject) -> dict[str, str]:
    """Return the name and picture of a member event under the names of `joined_members`."""
    named = {"display_name": content.get("displayname"), "avatar_url": content.get("avatar_url")}
    return {name: value for name, value in named.items() if isinstance(value, str)}
