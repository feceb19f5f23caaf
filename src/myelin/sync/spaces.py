"""What lies in a space: its rooms depth first, as far as somebody may know of them.

A page begins where the one before ended by counting again from the root, so nothing is kept between pages. Cycles end
where a room comes a second time, and a walk as a whole after `WALK_LIMIT` rooms.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence

import asyncpg
import msgspec

from myelin.append.loading import Loading
from myelin.matrix.errors import Forbidden
from myelin.matrix.identifiers import is_room_id
from myelin.matrix.json import JsonObject
from myelin.schema.queries import load_queries
from myelin.state.room import Room
from myelin.state.user import User
from myelin.sync.room_directory import RoomDirectory, may_know

SPACE = "m.space"
CHILD = "m.space.child"
WALK_LIMIT = 2000
# `order` is a string of ASCII characters between \x20 and \x7E, at most 50 of them; any other counts as none.
VALID_ORDER = re.compile(r"[\x20-\x7E]{0,50}\Z")


class HierarchyRequest(msgspec.Struct, frozen=True):
    """From where to walk, how far down (None: to the ground), through which children, and which part to show."""

    room_id: str
    max_depth: int | None
    suggested_only: bool
    first: int
    limit: int


class ChildBody(msgspec.Struct, frozen=True):
    """What the walk reads of an `m.space.child`."""

    sender: str
    content: JsonObject
    origin_server_ts: int


class Child(msgspec.Struct, frozen=True):
    """A child that a space names."""

    room_id: str
    body: ChildBody

    @property
    def is_suggested(self) -> bool:
        return self.body.content.get("suggested") is True

    @property
    def sort_key(self) -> tuple[bool, str, int, str]:
        """First those with a valid `order`, by it; then, and among equals, by time and room id."""
        order = self.body.content.get("order")
        is_ordered = isinstance(order, str) and VALID_ORDER.match(order) is not None
        return not is_ordered, str(order) if is_ordered else "", self.body.origin_server_ts, self.room_id

    def stripped(self) -> JsonObject:
        """Return the event as clients see it of a space that they may not be in."""
        body = self.body
        return {
            "type": CHILD,
            "state_key": self.room_id,
            "content": body.content,
            "sender": body.sender,
            "origin_server_ts": body.origin_server_ts,
        }


class Found(msgspec.Struct, frozen=True):
    """A room on the way, with the children that it names."""

    room: Room
    children: Sequence[Child]


_decode = msgspec.json.Decoder(ChildBody).decode


class Spaces:
    """Walks spaces."""

    def __init__(self, reads: asyncpg.Pool, loading: Loading, directory: RoomDirectory) -> None:
        self._reads = reads
        self._loading = loading
        self._directory = directory
        self._queries = load_queries("myelin.sync", "spaces.sql")

    async def page(self, user: User, request: HierarchyRequest) -> tuple[list[JsonObject], bool]:
        """Return the summaries of a part of the walk, and whether more follows; `Forbidden` where it may not begin."""
        root = await self._loading.room(request.room_id)
        if root is None or not may_enter(root, user):
            raise Forbidden("you are not in this space, and it is not open to you")
        found: list[Found] = []
        last = request.first + request.limit
        index = 0
        async for each in self._walk(user, request):
            if index == last:
                return await self._shown(found), True
            if index >= request.first:
                found.append(each)
            index += 1
        return await self._shown(found), False

    async def _walk(self, user: User, request: HierarchyRequest) -> AsyncIterator[Found]:
        waiting, seen = [(request.room_id, 0)], set[str]()
        while waiting and len(seen) < WALK_LIMIT:
            room_id, depth = waiting.pop()
            if room_id in seen:
                continue
            seen.add(room_id)
            room = await self._loading.room(room_id)
            if room is None or not may_enter(room, user):
                continue
            children = await self._children(room, request.suggested_only)
            yield Found(room, children)
            if request.max_depth is None or depth < request.max_depth:
                waiting += [(child.room_id, depth + 1) for child in reversed(children)]

    async def _children(self, room: Room, suggested_only: bool) -> list[Child]:
        if room.room_type != SPACE:
            return []
        named = {ref.position: key for (kind, key), ref in room.state.items() if kind == CHILD and is_room_id(key)}
        rows = await self._reads.fetch(self._queries["space_children"], list(named)) if named else []
        children = (Child(named[row["position"]], _decode(row["body"])) for row in rows)
        # A child without `via` is none (any more).
        kept = [child for child in children if has_via(child.body.content)]
        return sorted((child for child in kept if child.is_suggested or not suggested_only), key=lambda c: c.sort_key)

    async def _shown(self, found: Sequence[Found]) -> list[JsonObject]:
        summaries = await self._directory.summaries([each.room.room_id for each in found])
        return [
            summary | {"children_state": [child.stripped() for child in each.children]}
            for summary, each in zip(summaries, found, strict=True)
        ]


def has_via(content: JsonObject) -> bool:
    via = content.get("via")
    return isinstance(via, list) and bool(via) and all(isinstance(server, str) for server in via)


def may_enter(room: Room, user: User) -> bool:
    """Whether somebody may know what is in a room without being in it."""
    is_banned = room.membership(user.user_id) == "ban" and room.history_visibility != "world_readable"
    return not is_banned and may_know(room, user)
