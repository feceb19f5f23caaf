"""HTTP/1.1 over keep-alive connections, as little of it as a load generator needs.

A request is bytes made beforehand; an answer is a status and a body. It knows nothing of Matrix.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple, cast

HEAD_END = b"\r\n\r\n"


class Answer(NamedTuple):
    """An HTTP status and the whole body."""

    status: int
    body: bytes


class Address(NamedTuple):
    """Where to connect, and from which of loopback's own addresses."""

    host: str
    port: int
    source: str = "127.0.0.1"


class Connection(asyncio.Protocol):
    """One connection with at most one request under way."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._body_start = 0
        self._body_end = 0
        self._chunked = False
        self._status = 0
        self._waiter: asyncio.Future[Answer] | None = None
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.open = True

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(ConnectionResetError("the server closed the connection"))

    def request(self, raw: bytes) -> asyncio.Future[Answer]:
        assert self._transport is not None
        self._waiter = self._loop.create_future()
        self._transport.write(raw)
        return self._waiter

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._body_start == 0 and not self._read_head():
            return
        if self._chunked:
            self._finish_chunked()
        elif len(self._received) >= self._body_end:
            self._finish(bytes(self._received[self._body_start : self._body_end]))

    def _read_head(self) -> bool:
        end = self._received.find(HEAD_END)
        if end < 0:
            return False
        head = bytes(self._received[:end]).lower()
        self._status = int(head[9:12])
        self._body_start = end + len(HEAD_END)
        self._chunked = b"\r\ntransfer-encoding: chunked" in head
        self._body_end = self._body_start + content_length(head)
        return True

    def _finish_chunked(self) -> None:
        if (
            self._received.endswith(b"0\r\n\r\n")
            and (body := joined_chunks(self._received, self._body_start)) is not None
        ):
            self._finish(body)

    def _finish(self, body: bytes) -> None:
        self._received.clear()
        self._body_start = 0
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(Answer(self._status, body))


def content_length(head: bytes) -> int:
    start = head.find(b"\r\ncontent-length:")
    return int(head[start + 17 :].split(b"\r\n", 1)[0]) if start >= 0 else 0


def joined_chunks(received: bytearray, start: int) -> bytes | None:
    """The body of a chunked answer, or nothing while its last chunk is not there."""
    parts: list[bytes] = []
    while (line_end := received.find(b"\r\n", start)) >= 0:
        size = int(bytes(received[start:line_end]), 16)
        if size == 0:
            return b"".join(parts)
        start = line_end + 2
        parts.append(bytes(received[start : start + size]))
        start += size + 2
    return None


class Channel:
    """A connection that comes back after the server closed it, and takes requests one after another."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    async def request(self, raw: bytes) -> Answer:
        async with self._turn:
            return await self._attempt(raw)

    async def _attempt(self, raw: bytes) -> Answer:
        """Sends twice if the server closes in between: GET, and PUT with its transaction, may be repeated."""
        for last in (False, True):
            if self._connection is None or not self._connection.open:
                self._connection = await connect(self._address)
            try:
                return await self._connection.request(raw)
            except ConnectionResetError:
                if last:
                    raise
        raise AssertionError("unreachable")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


async def connect(address: Address) -> Connection:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, address.host, address.port, local_addr=(address.source, 0))
    return connection


def head(method: str, path: str, token: str, body_bytes: int, host: str) -> bytes:
    """The head of a request with an access token and a JSON body of a known size."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if method != "GET":
        lines += ["Content-Type: application/json", f"Content-Length: {body_bytes}"]
    return "\r\n".join(lines).encode() + HEAD_END
