"""One client's connection: uvicorn's protocol, with a limit on what comes before a request and on how long it takes.

uvicorn reads heads of any size and waits for them for ever; and it answers what is no HTTP in its own words.
"""

from __future__ import annotations

import time
from typing import Any

import orjson
from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from myelin.http.application import CORS_HEADERS
from myelin.http.messages import JSON_HEADERS

HEAD_LIMIT_BYTES = 64 * 1024
# Between requests a quiet connection is closed sooner; this is for those who drip.
HEAD_TIMEOUT_S = 105.0
# Who has announced a body and falls silent has gone.
SILENCE_TIMEOUT_S = 60.0


class Cycle(RequestResponseCycle):
    """One request with its answer. Who has sent all of it and hangs up has asked: it is read, then they are gone."""

    is_read = False

    async def receive(self) -> ASGIReceiveEvent:
        message = await super().receive()
        if message["type"] == "http.disconnect" and not (self.is_read or self.more_body or self.response_complete):
            message = {"type": "http.request", "body": bytes(self.body), "more_body": False}
        if message["type"] == "http.request":
            self.is_read = not message["more_body"]
        return message


class Connection(HttpToolsProtocol):
    """Answers 431 to a head that is too large; `is_dawdling` tells who should be cut off."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._head_bytes = 0
        self._in_head = False
        self._idle_since = self._heard_at = time.monotonic()

    def data_received(self, data: bytes) -> None:
        self._heard_at = time.monotonic()
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_LIMIT_BYTES and not self.transport.is_closing():
                self.refuse(431, "M_TOO_LARGE", "the head of this request is too large")

    def on_message_begin(self) -> None:
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()
        if self.cycle is not None:
            # uvicorn names the class itself; the task that asks this object has not begun.
            self.cycle.__class__ = Cycle

    def on_response_complete(self) -> None:
        self._idle_since = time.monotonic()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        self.refuse(400, "M_UNKNOWN", "this is not a valid HTTP request")

    def is_dawdling(self, now_s: float) -> bool:
        """Whether the client has had more than enough time to ask for something, or to go on with its body."""
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete:
            return now_s - self._idle_since > HEAD_TIMEOUT_S
        awaits_body = cycle.more_body and not self.flow.read_paused
        return awaits_body and now_s - self._heard_at > SILENCE_TIMEOUT_S

    def refuse(self, status: int, errcode: str, message: str) -> None:
        """Answer what did not become a request, and close."""
        body = orjson.dumps({"errcode": errcode, "error": message})
        length = (b"content-length", str(len(body)).encode())
        headers = (*JSON_HEADERS, *CORS_HEADERS, length, (b"connection", b"close"))
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        self.transport.write(STATUS_LINE[status] + lines + b"\r\n" + body)
        self.transport.close()
