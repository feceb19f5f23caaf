"""An application for connections to answer with, and requests for it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from myelin.http.application import refused
from myelin.http.bodies import Body
from myelin.http.messages import Head, Response
from myelin.matrix.errors import MatrixError

GET = b"GET /echo?a=b HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /echo HTTP/1.1\r\nHost: x\r\n"
TWO = POST + b"Content-Length: 2\r\n\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
STOP = b"GET /stop HTTP/1.1\r\nHost: x\r\n\r\n"


@dataclass
class Parts:
    """A stream of these parts, which notes how many were asked for and whether it was closed."""

    parts: list[bytes]
    given: int = 0
    is_closed: bool = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self.given == len(self.parts):
            raise StopAsyncIteration
        self.given += 1
        return self.parts[self.given - 1]

    async def aclose(self) -> None:
        self.is_closed = True


@dataclass
class Site:
    """An application that does what the path says, and notes what it was asked."""

    heads: list[Head] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    ended: list[str] = field(default_factory=list)
    stream: Parts = field(default_factory=lambda: Parts([b"ab", b"cd"]))
    announced: bytes = b"4"

    async def respond(self, head: Head, body: Body) -> Response:
        self.heads.append(head)
        try:
            return await self._respond(head, body)
        except MatrixError as refusal:
            return refused(refusal)
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            raise
        finally:
            self.ended.append(head.path)

    async def _respond(self, head: Head, body: Body) -> Response:
        match head.path:
            case "/wait":
                await self.released.wait()
            case "/refuse":
                return Response(413, b"too large")
            case "/stream":
                return Response(200, b"", ((b"content-length", self.announced),), self.stream)
            case "/header":
                return Response(200, b"", ((b"x-name", head.query_string + b"\r\nx-evil: 1"),))
            case "/fail":
                raise RuntimeError
        self.bodies.append(await body.read(2 * 1024 * 1024))
        return Response(200, head.path.encode() + b" " + self.bodies[-1])
