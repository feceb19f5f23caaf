"""GET /_matrix/client/v1/rooms/{roomId}/threads (client-server API, "Threading")."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from myelin.api.callers import viewer_of
from myelin.api.rooms.parameters import ANY_EVENT, page_of, room_of
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import InvalidParam
from myelin.sync.room_view import RoomViews
from myelin.sync.threads import Threads, ThreadsRequest

INCLUDED = {"all": False, "participated": True}


class ListThreads:
    """Lists a room's threads."""

    def __init__(self, views: RoomViews, threads: Threads) -> None:
        self._views = views
        self._threads = threads

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("GET", "/_matrix/client/v1/rooms/{roomId}/threads", self.get)

    async def get(self, request: Request) -> Response:
        query = request.query
        include = query.get("include", "all")
        if include not in INCLUDED:
            raise InvalidParam("include must be all or participated")
        page = page_of(query, ANY_EVENT, "b")
        view = await self._views.of(viewer_of(request), room_of(request))
        wanted = ThreadsRequest(INCLUDED[include], page.from_position, page.limit)
        found = await self._threads.page(view, wanted)
        fields: dict[str, object] = {"chunk": [orjson.Fragment(event) for event in found.chunk]}
        return ok(fields | ({"next_batch": found.next_batch} if found.next_batch is not None else {}))
