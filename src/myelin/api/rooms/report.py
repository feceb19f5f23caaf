"""Reports (client-server API, "Reporting content").

POST /_matrix/client/v3/rooms/{roomId}/report/{eventId}
POST /_matrix/client/v3/rooms/{roomId}/report
POST /_matrix/client/v3/users/{userId}/report
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from myelin.actions.report import report
from myelin.api.callers import sender_of, viewer_of
from myelin.api.rooms.parameters import room_of
from myelin.append.pool import Pool
from myelin.entries.facts import Reported
from myelin.http.messages import EMPTY, Request, Response
from myelin.http.routes import Route
from myelin.matrix.identifiers import check_event_id, check_user_id
from myelin.sync.history import History
from myelin.sync.room_view import RoomViews

BODY_LIMIT_BYTES = 16 * 1024


class EventReportBody(msgspec.Struct, frozen=True):
    """The body that reports an event."""

    reason: str | None = None


class ReportBody(msgspec.Struct, frozen=True):
    """The body that reports a room or a person; the reason may be blank."""

    reason: str


class Reports:
    """Takes down reports."""

    def __init__(self, pool: Pool, views: RoomViews, history: History) -> None:
        self._pool = pool
        self._views = views
        self._history = history
        self._event_body = msgspec.json.Decoder(EventReportBody)
        self._body = msgspec.json.Decoder(ReportBody)

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        room, user = "/_matrix/client/v3/rooms/{roomId}/report", "/_matrix/client/v3/users/{userId}/report"
        for path, handler in ((f"{room}/{{eventId}}", self.event), (room, self.room), (user, self.user)):
            yield Route("POST", path, handler, limit="room", body_limit_bytes=BODY_LIMIT_BYTES)

    async def event(self, request: Request) -> Response:
        reason = request.parse(self._event_body).reason
        room_id, event_id = room_of(request), check_event_id(request.path[1])
        # The event does not exist, or the person may not see it: the answer is the same.
        view = await self._views.of_event(viewer_of(request), room_id)
        await self._history.row(view, event_id)
        return await self._report(request, Reported(event_id=event_id), room_id, reason)

    async def room(self, request: Request) -> Response:
        return await self._report(request, Reported(), room_of(request), request.parse(self._body).reason)

    async def user(self, request: Request) -> Response:
        reported = Reported(user_id=check_user_id(request.path[0]))
        return await self._report(request, reported, None, request.parse(self._body).reason)

    async def _report(self, request: Request, reported: Reported, room_id: str | None, reason: str | None) -> Response:
        await self._pool.submit(report(sender_of(request), reported, room_id, reason))
        return EMPTY
