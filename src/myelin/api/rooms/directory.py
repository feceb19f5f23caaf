"""Aliases, the list of public rooms, summaries
(client-server API, "Room aliases", "Published room directory", "Room summaries")."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from myelin.actions.aliases import delete_alias, publish_room, set_alias
from myelin.api.callers import sender_of, viewer_of
from myelin.api.rooms.parameters import room_of
from myelin.append.loading import Loading
from myelin.append.pool import Pool
from myelin.http.messages import EMPTY, Request, Response, ok
from myelin.http.routes import Access, Route
from myelin.matrix.errors import InvalidParam, NotFound
from myelin.matrix.identifiers import check_room_alias, check_room_id
from myelin.matrix.json import JsonObject
from myelin.sync.room_directory import RoomDirectory
from myelin.sync.room_view import RoomViews

SEARCHED = ("name", "topic", "canonical_alias")
LIMIT = 500


class AliasBody(msgspec.Struct, frozen=True):
    """The body that sets an alias."""

    room_id: str


class ListingBody(msgspec.Struct, frozen=True):
    """The body that lists a room or takes it off the list."""

    visibility: Literal["public", "private"] = "public"


class RoomsFilter(msgspec.Struct, frozen=True):
    """Which public rooms are wanted."""

    generic_search_term: str | None = None
    room_types: Sequence[str | None] | None = None

    def passes(self, room: JsonObject) -> bool:
        """Whether a room is of a wanted type and says the words somewhere."""
        if self.room_types is not None and room.get("room_type") not in self.room_types:
            return False
        words = (self.generic_search_term or "").casefold()
        return not words or any(words in str(room.get(name, "")).casefold() for name in SEARCHED)


class RoomsBody(msgspec.Struct, frozen=True):
    """The body that asks for public rooms; `since` counts the rooms before the page."""

    limit: int | None = None
    since: str | None = None
    filter: RoomsFilter = RoomsFilter()


class Directory:
    """Finds rooms."""

    def __init__(self, pool: Pool, loading: Loading, views: RoomViews, directory: RoomDirectory, server: str) -> None:
        self._pool = pool
        self._loading = loading
        self._views = views
        self._directory = directory
        self._server = server
        self._alias = msgspec.json.Decoder(AliasBody)
        self._listing = msgspec.json.Decoder(ListingBody)
        self._rooms = msgspec.json.Decoder(RoomsBody)

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        alias, listed = (
            "/_matrix/client/v3/directory/room/{roomAlias}",
            "/_matrix/client/v3/directory/list/room/{roomId}",
        )
        yield Route("GET", alias, self.get_alias, Access.OPEN)
        yield Route("PUT", alias, self.put_alias)
        yield Route("DELETE", alias, self.delete_alias)
        yield Route("GET", "/_matrix/client/v3/rooms/{roomId}/aliases", self.aliases)
        yield Route("GET", listed, self.get_listing, Access.OPEN)
        yield Route("PUT", listed, self.put_listing)
        # Only for those who are signed in: the names of a hospital's rooms are nobody else's business.
        yield Route("GET", "/_matrix/client/v3/publicRooms", self.get_rooms)
        yield Route("POST", "/_matrix/client/v3/publicRooms", self.post_rooms)
        yield Route("GET", "/_matrix/client/v1/room_summary/{roomIdOrAlias}", self.summary, Access.OPTIONAL)

    async def get_alias(self, request: Request) -> Response:
        room_id = await self._directory.room_of(check_room_alias(request.path[0]))
        return ok({"room_id": room_id, "servers": [self._server]})

    async def put_alias(self, request: Request) -> Response:
        body = request.parse(self._alias)
        await self._pool.submit(set_alias(sender_of(request), request.path[0], check_room_id(body.room_id)))
        return EMPTY

    async def delete_alias(self, request: Request) -> Response:
        await self._pool.submit(delete_alias(sender_of(request), request.path[0]))
        return EMPTY

    async def aliases(self, request: Request) -> Response:
        view = await self._views.of(viewer_of(request), room_of(request))
        return ok({"aliases": await self._directory.aliases_of(view.room.room_id)})

    async def get_listing(self, request: Request) -> Response:
        return ok({"visibility": "public" if await self._directory.is_listed(room_of(request)) else "private"})

    async def put_listing(self, request: Request) -> Response:
        listed = request.parse(self._listing).visibility == "public"
        await self._pool.submit(publish_room(sender_of(request), room_of(request), listed))
        return EMPTY

    async def get_rooms(self, request: Request) -> Response:
        query = request.query
        return await self._page(request, RoomsBody(number(query.get("limit")), query.get("since")))

    async def post_rooms(self, request: Request) -> Response:
        return await self._page(request, request.parse(self._rooms))

    async def summary(self, request: Request) -> Response:
        (name,) = request.path
        room_id = await self._directory.room_of(check_room_alias(name)) if name[:1] == "#" else check_room_id(name)
        user = await self._loading.user(request.caller.user_id) if request.caller is not None else None
        return ok(await self._directory.summary(room_id, user))

    async def _page(self, request: Request, wanted: RoomsBody) -> Response:
        if request.query.get("server", self._server) != self._server:
            raise NotFound("this server lists only its own rooms")
        found = [room for room in await self._directory.listed() if wanted.filter.passes(room)]
        first = number(wanted.since) or 0
        limit = LIMIT if wanted.limit is None else min(max(wanted.limit, 0), LIMIT)
        last = first + limit
        fields: dict[str, object] = {"chunk": found[first:last], "total_room_count_estimate": len(found)}
        fields |= {"next_batch": str(last)} if last < len(found) and limit > 0 else {}
        fields |= {"prev_batch": str(max(first - limit, 0))} if first > 0 else {}
        return ok(fields)


def number(text: str | None) -> int | None:
    """Return a number of the query, None where there is none."""
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InvalidParam("limit and since must be as this server gave them")
    return int(text)
