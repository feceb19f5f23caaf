"""A push gateway of our own, on loopback: records what it is told, and behaves as badly as a test wants."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

PATH = "/_matrix/push/v1/notify"
TIMEOUT_S = 20


@dataclass
class Told:
    """One request that came in, and when by the loop's clock."""

    path: str
    headers: dict[str, str]
    body: bytes
    at_s: float

    @property
    def notification(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)["notification"]
        return found


Answer = Callable[[Told], bytes]


def plain(status: str, body: bytes, *headers: str) -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers])
    return f"{head}\r\n\r\n".encode() + body


def taken(_told: Told) -> bytes:
    return plain("200 OK", b'{"rejected": []}')


def rejects(pushkey: str) -> Answer:
    return lambda told: plain("200 OK", json.dumps({"rejected": [pushkey]}).encode())


def fails(status: str, *headers: str) -> Answer:
    return lambda told: plain(status, b"{}", *headers)


@dataclass
class PushGateway:
    """What was told, and how the next requests are answered; `hold` keeps answers back until it is set."""

    origin: str = ""
    answer: Answer = taken
    told: list[Told] = field(default_factory=list)
    hold: asyncio.Event = field(default_factory=asyncio.Event)
    drips: bool = False
    connections: int = 0
    at_once: int = 0
    most_at_once: int = 0
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        return self.origin + PATH

    @property
    def event_ids(self) -> list[str]:
        """The events that were told, in order."""
        return [told.notification["event_id"] for told in self.told if "event_id" in told.notification]

    async def hears(self, wanted: Callable[[PushGateway], bool]) -> None:
        """Return when what was told is as wanted."""
        async with asyncio.timeout(TIMEOUT_S), self.arrived:
            await self.arrived.wait_for(lambda: wanted(self))

    async def of(self, event_id: str) -> Told:
        """Return the first request that told of an event."""
        await self.hears(lambda gateway: event_id in gateway.event_ids)
        return next(told for told in self.told if told.notification.get("event_id") == event_id)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                await self._once(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _once(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        told = Told(first.split(" ")[1], headers, body, asyncio.get_running_loop().time())
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        async with self.arrived:
            self.told.append(told)
            self.arrived.notify_all()
        await self.hold.wait()
        self.at_once -= 1
        await self._write(writer, self.answer(told))

    async def _write(self, writer: asyncio.StreamWriter, answer: bytes) -> None:
        if not self.drips:
            writer.write(answer)
            await writer.drain()
            return
        for index in range(len(answer)):
            writer.write(answer[index : index + 1])
            await writer.drain()
            await asyncio.sleep(1)


@asynccontextmanager
async def push_gateway(port: int = 0) -> AsyncIterator[PushGateway]:
    """Yield a gateway that listens, and answers until it is told otherwise."""
    gateway = PushGateway()
    gateway.hold.set()
    server = await asyncio.start_server(gateway.serve, "127.0.0.1", port)
    gateway.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield gateway
    finally:
        server.close()
