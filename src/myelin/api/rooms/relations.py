"""GET /_matrix/client/v1/rooms/{roomId}/relations/{eventId}, below it /{relType} and /{relType}/{eventType}
(client-server API, "Event relationships")."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from myelin.api.callers import viewer_of
from myelin.api.rooms.parameters import ANY_EVENT, page_of, room_of
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import InvalidParam
from myelin.matrix.identifiers import check_event_id
from myelin.sync.relations import RECURSION_DEPTH, Relations, RelationsRequest
from myelin.sync.room_view import RoomViews


class RelatingEvents:
    """Lists what relates to an event."""

    def __init__(self, views: RoomViews, relations: Relations) -> None:
        self._views = views
        self._relations = relations

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        path = "/_matrix/client/v1/rooms/{roomId}/relations/{eventId}"
        for narrower in ("", "/{relType}", "/{relType}/{eventType}"):
            yield Route("GET", path + narrower, self.get)

    async def get(self, request: Request) -> Response:
        query = request.query
        _, parent, *kind = request.path
        recurse = query.get("recurse")
        if recurse not in (None, "true", "false"):
            raise InvalidParam("recurse must be true or false")
        wanted = RelationsRequest(
            parent=check_event_id(parent),
            rel_type=kind[0] if kind else None,
            event_type=kind[1] if len(kind) > 1 else None,
            recurse=recurse == "true",
            page=page_of(query, ANY_EVENT, "b"),
        )
        view = await self._views.of_event(viewer_of(request), room_of(request))
        page = await self._relations.page(view, wanted)
        fields: dict[str, object] = {"chunk": [orjson.Fragment(event) for event in page.chunk]}
        fields |= {"next_batch": page.next_batch} if page.next_batch is not None else {}
        fields |= {"prev_batch": page.prev_batch} if page.prev_batch is not None else {}
        if recurse is not None:
            fields["recursion_depth"] = RECURSION_DEPTH if wanted.recurse else 1
        return ok(fields)
