"""GET /_matrix/client/v3/rooms/{roomId}/messages, .../context/{eventId}, .../event/{eventId}, and
GET /_matrix/client/v1/rooms/{roomId}/timestamp_to_event (client-server API, "Getting events for a room")."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson

from myelin.api.callers import viewer_of
from myelin.api.rooms.parameters import (
    DEFAULT_LIMIT,
    direction_of,
    filter_of,
    limit_of,
    number_of,
    page_of,
    room_of,
)
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.identifiers import check_event_id
from myelin.sync.history import History
from myelin.sync.room_view import RoomViews


class RoomHistory:
    """Reads the past of rooms."""

    def __init__(self, views: RoomViews, history: History) -> None:
        self._views = views
        self._history = history

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        yield Route("GET", "/_matrix/client/v3/rooms/{roomId}/messages", self.messages)
        yield Route("GET", "/_matrix/client/v3/rooms/{roomId}/context/{eventId}", self.context)
        yield Route("GET", "/_matrix/client/v3/rooms/{roomId}/event/{eventId}", self.event)
        yield Route("GET", "/_matrix/client/v1/rooms/{roomId}/timestamp_to_event", self.nearest)

    async def messages(self, request: Request) -> Response:
        query = request.query
        wanted = page_of(query, filter_of(query), None)
        page = await self._history.page(await self._views.of(viewer_of(request), room_of(request)), wanted)
        fields: dict[str, object] = {"chunk": fragments(page.chunk), "start": query.get("from", page.start)}
        if page.end is not None:
            fields["end"] = page.end
        if page.state:
            fields["state"] = fragments(page.state)
        return ok(fields)

    async def context(self, request: Request) -> Response:
        query, event_id = request.query, check_event_id(request.path[1])
        limit, passes = limit_of(query, DEFAULT_LIMIT), filter_of(query)
        view = await self._views.of_event(viewer_of(request), room_of(request))
        context = await self._history.context(view, event_id, limit, passes)
        return ok(
            {
                "start": context.start,
                "end": context.end,
                "event": orjson.Fragment(context.event),
                "events_before": fragments(context.before),
                "events_after": fragments(context.after),
                "state": fragments(context.state),
            }
        )

    async def event(self, request: Request) -> Response:
        event_id = check_event_id(request.path[1])
        view = await self._views.of_event(viewer_of(request), room_of(request))
        return Response(200, await self._history.event(view, event_id))

    async def nearest(self, request: Request) -> Response:
        query = request.query
        moment_ms, direction = number_of(query, "ts"), direction_of(query)
        view = await self._views.of_event(viewer_of(request), room_of(request))
        event_id, at = await self._history.nearest(view, moment_ms, direction)
        return ok({"event_id": event_id, "origin_server_ts": at})


def fragments(events: Sequence[bytes]) -> list[orjson.Fragment]:
    """Return rendered events as parts of a larger answer."""
    return [orjson.Fragment(event) for event in events]
