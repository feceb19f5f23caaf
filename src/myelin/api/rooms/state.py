"""/_matrix/client/v3/rooms/{roomId}/state, with and without type and state key
(client-server API, "Getting events for a room" and "Sending events to a room")."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from myelin.actions.state import set_state
from myelin.api.callers import sender_of, viewer_of
from myelin.api.rooms.delays import Delays, Later, delay_of
from myelin.api.rooms.parameters import EVENT_BODY_LIMIT_BYTES, content_of, room_of
from myelin.append.pool import Pool
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import InvalidParam, NotFound
from myelin.sync.past_state import PastState
from myelin.sync.room_view import RoomViews

FORMATS = ("content", "event")


class State:
    """Sets and reads room state."""

    def __init__(self, pool: Pool, views: RoomViews, state: PastState, delays: Delays) -> None:
        self._pool = pool
        self._delays = delays
        self._views = views
        self._state = state

    def routes(self) -> Iterator[Route]:
        """Yield the routes; an empty state key may be left out, and the slash before it too."""
        state = "/_matrix/client/v3/rooms/{roomId}/state"
        yield Route("GET", state, self.whole)
        for path in (f"{state}/{{eventType}}", f"{state}/{{eventType}}/{{stateKey}}"):
            yield Route("GET", path, self.get)
            yield Route("PUT", path, self.put, limit="message", body_limit_bytes=EVENT_BODY_LIMIT_BYTES)

    async def put(self, request: Request) -> Response:
        room_id, content = room_of(request), content_of(request)
        event_type, state_key = key_of(request)
        delay_ms = delay_of(request)
        if delay_ms is not None:
            return await self._delays.schedule(request, Later(room_id, event_type, state_key, content, None), delay_ms)
        proposal = set_state(sender_of(request), room_id, event_type, state_key, content)
        return ok({"event_id": await self._pool.submit(proposal)})

    async def get(self, request: Request) -> Response:
        view = await self._views.of(viewer_of(request), room_of(request))
        wanted = request.query.get("format", "content")
        if wanted not in FORMATS:
            raise InvalidParam("format must be content or event")
        row = await self._state.one(view, *key_of(request))
        if row is None:
            raise NotFound("the room has no such state")
        if wanted == "event":
            return Response(200, await self._state.one_rendered(view, row))
        return ok(orjson.loads(row["body"])["content"])

    async def whole(self, request: Request) -> Response:
        view = await self._views.of(viewer_of(request), room_of(request))
        return ok([orjson.Fragment(event) for event in await self._state.whole(view)])


def key_of(request: Request) -> tuple[str, str]:
    """Return type and state key of a path."""
    _, event_type, *rest = request.path
    return event_type, rest[0] if rest else ""
