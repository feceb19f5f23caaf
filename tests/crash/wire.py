"""A client's connection, as small as can be: HTTP/1.1 kept alive, and every way of losing it told alike.

Owns sockets. Who asks, what for and what to do about a loss is `tests.crash.devices`.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

REQUEST_TIMEOUT_S = 60.0
Json = dict[str, Any]


class Lost(Exception):
    """The connection was refused, or ended before the answer: what was asked may have happened or not."""


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    fields: Json

    @property
    def errcode(self) -> str | None:
        return self.fields.get("errcode")


@dataclass
class Wire:
    """One connection to one port of loopback, opened when it is needed."""

    port: int
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = field(default=None, init=False)

    async def ask(self, method: str, path: str, token: str | None, body: Json | None = None) -> Answer:
        """One request and its answer; `Lost` where there is none."""
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                await self.send(method, path, token, body)
                return await self._read()
        except (OSError, EOFError) as error:
            self.close()
            raise Lost(type(error).__name__) from error
        except BaseException:
            # Whoever is cancelled in the middle of an answer cannot ask on the same connection again.
            self.close()
            raise

    async def send(self, method: str, path: str, token: str | None, body: Json | None = None) -> None:
        """The request alone."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(content)}\r\n"
        if token is not None:
            head += f"Authorization: Bearer {token}\r\n"
        writer = self._streams[1]
        writer.write(head.encode() + b"Content-Type: application/json\r\n\r\n" + content)
        await writer.drain()

    def close(self) -> None:
        """Hang up, whatever is under way."""
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].transport.abort()

    def leave(self) -> None:
        """Say goodbye without waiting for an answer: what was sent is sent."""
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()

    async def _read(self) -> Answer:
        assert self._streams is not None
        reader = self._streams[0]
        status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines if line)
        content = await reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close":
            self.close()
        return Answer(int(status.split(" ")[1]), json.loads(content))
