"""PUT /_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId} (client-server API, "Sending events to a room")."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.actions.send_event import send_event
from myelin.api.callers import sender_of
from myelin.append.pool import Pool
from myelin.http.messages import Request, Response
from myelin.http.routes import Route

EVENT_BODY_LIMIT_BYTES = 256 * 1024


class Send:
    """Sends message events."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        path = "/_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}"
        yield Route("PUT", path, self.put, limit="message", body_limit_bytes=EVENT_BODY_LIMIT_BYTES)

    async def put(self, request: Request) -> Response:
        room_id, event_type, txn_id = request.path
        event_id = await self._pool.submit(
            send_event(sender_of(request), room_id, event_type, request.json_object(), txn_id)
        )
        return Response(200, b'{"event_id":"%b"}' % event_id.encode())
