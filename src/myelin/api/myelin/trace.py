"""GET /_myelin/v1/rooms/{roomId}/events/{eventId}/trace: who had a message when, and who read it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from myelin.api.callers import viewer_of
from myelin.api.rooms.parameters import room_of
from myelin.audit.trace import TracedEvent, Traces
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import Forbidden
from myelin.matrix.identifiers import check_event_id
from myelin.sync.history import History
from myelin.sync.room_view import RoomViews


class Trace:
    """Answers members who ask what became of a message that they may see."""

    def __init__(self, views: RoomViews, history: History, traces: Traces) -> None:
        self._views = views
        self._history = history
        self._traces = traces

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("GET", "/_myelin/v1/rooms/{roomId}/events/{eventId}/trace", self.get)

    async def get(self, request: Request) -> Response:
        viewer = viewer_of(request)
        view = await self._views.of_event(viewer, room_of(request))
        row = await self._history.row(view, check_event_id(request.path[1]))
        if not view.is_joined:
            raise Forbidden("only members may ask for the trace of a message")
        event = TracedEvent(view.room.room_id, view.room.number, row["position"], row["sender"])
        return ok(
            {
                "event_id": row["event_id"],
                "sender": row["sender"],
                "device_id": row["device_id"],
                "accepted_at": row["at"],
                "recipients": msgspec.to_builtins(await self._traces.of(event, viewer.user_id)),
            }
        )
