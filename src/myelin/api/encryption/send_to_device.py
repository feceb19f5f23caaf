"""PUT /_matrix/client/v3/sendToDevice/{eventType}/{txnId} (client-server API, "Send-to-Device messaging")."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from myelin.actions.send_to_device import send_to_device
from myelin.api.callers import sender_of
from myelin.append.pool import Pool
from myelin.http.messages import EMPTY, Request, Response
from myelin.http.routes import Route
from myelin.matrix.errors import TooLarge
from myelin.matrix.identifiers import is_user_id
from myelin.matrix.json import JsonObject

BODY_LIMIT_BYTES = 8 * 1024 * 1024
CONTENT_LIMIT_BYTES = 65_536
DEVICES_LIMIT = 10_000


class SendToDeviceBody(msgspec.Struct, frozen=True):
    """The body: contents by user and device."""

    messages: dict[str, dict[str, JsonObject]]


class SendToDevice:
    """Sends messages to devices."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._decoder = msgspec.json.Decoder(SendToDeviceBody)

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        path = "/_matrix/client/v3/sendToDevice/{eventType}/{txnId}"
        yield Route("PUT", path, self.put, limit="message", body_limit_bytes=BODY_LIMIT_BYTES)

    async def put(self, request: Request) -> Response:
        event_type, txn_id = request.path
        messages = request.parse(self._decoder).messages
        if sum(map(len, messages.values())) > DEVICES_LIMIT:
            raise TooLarge(f"one request can reach {DEVICES_LIMIT} devices at most")
        contents = {
            user_id: {device_id: content_of(content) for device_id, content in by_device.items()}
            for user_id, by_device in messages.items()
            if is_user_id(user_id)
        }
        await self._pool.submit(send_to_device(sender_of(request), event_type, contents, txn_id))
        return EMPTY


def content_of(content: JsonObject) -> str:
    """Return a content as JSON text; `TooLarge` above the size of an event."""
    text = msgspec.json.encode(content)
    if len(text) > CONTENT_LIMIT_BYTES:
        raise TooLarge(f"a message to a device may have {CONTENT_LIMIT_BYTES} bytes at most")
    return text.decode()
