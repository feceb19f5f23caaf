"""PUT /_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId} and .../redact/{eventId}/{txnId}
(client-server API, "Sending events to a room" and "Redactions")."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from myelin.actions.redact import redact
from myelin.actions.send_event import one_segment, send_event
from myelin.api.callers import sender_of
from myelin.api.rooms.delays import Delays, Later, delay_of
from myelin.api.rooms.parameters import EVENT_BODY_LIMIT_BYTES, content_of, room_of
from myelin.append.pool import Pool
from myelin.append.proposal import Proposal
from myelin.http.messages import Request, Response
from myelin.http.routes import Route
from myelin.matrix.errors import BadJson
from myelin.matrix.identifiers import check_event_id
from myelin.matrix.json import JsonObject

REDACTION = "m.room.redaction"


class RedactBody(msgspec.Struct, frozen=True):
    """The body of a redaction."""

    reason: str | None = None


class Send:
    """Sends message events and redactions."""

    def __init__(self, pool: Pool, delays: Delays) -> None:
        self._pool = pool
        self._delays = delays
        self._redact = msgspec.json.Decoder(RedactBody)

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        room = "/_matrix/client/v3/rooms/{roomId}"
        yield Route(
            "PUT",
            f"{room}/send/{{eventType}}/{{txnId}}",
            self.put,
            limit="message",
            body_limit_bytes=EVENT_BODY_LIMIT_BYTES,
        )
        yield Route("PUT", f"{room}/redact/{{eventId}}/{{txnId}}", self.redact, limit="message")

    async def put(self, request: Request) -> Response:
        _, event_type, txn_id = request.path
        room_id, content = room_of(request), content_of(request)
        delay_ms = delay_of(request)
        if delay_ms is not None:
            later = Later(room_id, event_type, None, content, f"send/{one_segment(event_type)}/{txn_id}")
            return await self._delays.schedule(request, later, delay_ms)
        if event_type == REDACTION:
            return await self._submit(sent_redaction(request, room_id, content, txn_id))
        return await self._submit(send_event(sender_of(request), room_id, event_type, content, txn_id))

    async def redact(self, request: Request) -> Response:
        _, event_id, txn_id = request.path
        content = reason_only(request.parse(self._redact).reason)
        transaction = f"redact/{check_event_id(event_id).replace('/', '%2F')}/{txn_id}"
        return await self._submit(redact(sender_of(request), room_of(request), event_id, content, transaction))

    async def _submit(self, proposal: Proposal[str]) -> Response:
        event_id = await self._pool.submit(proposal)
        return Response(200, b'{"event_id":"%b"}' % event_id.encode())


def sent_redaction(request: Request, room_id: str, content: JsonObject, txn_id: str) -> Proposal[str]:
    """Return the redaction that a client sends like a message: what it redacts stands in the content."""
    redacts, reason = content.get("redacts"), content.get("reason")
    if not isinstance(redacts, str) or not isinstance(reason, str | None):
        raise BadJson("a redaction names the event that it redacts, and the reason is a text")
    transaction = f"send/{REDACTION}/{txn_id}"
    return redact(sender_of(request), room_id, check_event_id(redacts), reason_only(reason), transaction)


def reason_only(reason: str | None) -> JsonObject:
    """Return the content of a redaction."""
    return {} if reason is None else {"reason": reason}
