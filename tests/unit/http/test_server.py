"""The server on real sockets, on the event loop that it has in a hospital: what no fake transport can show."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvloop

from myelin.http.bodies import Body, Disconnected
from myelin.http.connections import Connections
from myelin.http.messages import Head, Response
from myelin.http.server import Server, bound_socket
from myelin.settings import Listen
from tests.certificates import self_signed
from tests.unit.http.wires import turns

MEGABYTE = b"x" * 1_000_000
GET = b"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n"
WAIT = b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"
CLIENTS = 100
LIMIT_S = 30


@dataclass
class Many:
    """A stream of this many megabytes, which counts those that were asked for."""

    count: int
    given: int = 0
    is_closed: bool = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self.given == self.count:
            raise StopAsyncIteration
        self.given += 1
        return MEGABYTE

    async def aclose(self) -> None:
        self.is_closed = True


@dataclass
class Site:
    """A running server, and what its application saw."""

    woken: asyncio.Event = field(default_factory=asyncio.Event)
    disconnected: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: int = 0
    stream: Many = field(default_factory=lambda: Many(100))
    tls: ssl.SSLContext | None = None
    port: int = 0

    def __post_init__(self) -> None:
        self.connections = Connections(self.respond, 1000)
        self.server = Server(self.connections, self.tls, self.woken.set)

    async def respond(self, head: Head, body: Body) -> Response:
        match head.path:
            case "/wait":
                self.waiting += 1
                try:
                    await self.woken.wait()
                finally:
                    self.waiting -= 1
            case "/refuse":
                return Response(413, b"too large")
            case "/download":
                length = b"%d" % (self.stream.count * len(MEGABYTE))
                return Response(200, b"", ((b"content-length", length),), self.stream)
            case "/upload":
                try:
                    size = sum([len(part) async for part in body.stream()])
                except Disconnected:
                    self.disconnected.set()
                    raise
                return Response(200, b"%d" % size)
        return Response(200, await body.read(10_000))

    async def connect(self, tls: ssl.SSLContext | None = None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port, ssl=tls, limit=2**16)

    async def until(self, holds: Callable[[], bool]) -> None:
        while not holds():  # noqa: ASYNC110 (the other side of a socket signals nothing)
            await asyncio.sleep(0.001)


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Site]:
    """A server on a free port; it must stop when it is asked to."""
    site = Site(tls=tls)
    with bound_socket(Listen("127.0.0.1", 0)) as bound:
        site.port = bound.getsockname()[1]
        running = asyncio.ensure_future(site.server.serve([bound]))
        await turns()
        yield site
        site.server.stop(False)
        await running
    await site.until(lambda: len(site.connections) == 0)


def run(story: Callable[[Site], Awaitable[None]], tls: ssl.SSLContext | None = None) -> None:
    async def told() -> None:
        async with asyncio.timeout(LIMIT_S), serving(tls) as site:
            await story(site)

    uvloop.run(told())


async def answer(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """The status line with the headers, and the body, of the next answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length"))
    return head, await reader.readexactly(int(length.split(b":")[1]))


def test_a_slow_body_is_waited_for() -> None:
    async def story(site: Site) -> None:
        reader, writer = await site.connect()
        writer.write(b"PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n")
        for letter in (b"a", b"b", b"c"):
            await asyncio.sleep(0.01)
            writer.write(letter)
        assert (await answer(reader))[1] == b"abc"
        writer.close()

    run(story)


@pytest.mark.parametrize(
    "request_bytes", [b"GET / HTTP/1.1\r\nX: ", b"PUT /refuse HTTP/1.1\r\nContent-Length: 20000000\r\n\r\n"]
)
def test_a_refusal_reaches_who_goes_on_sending(request_bytes: bytes) -> None:
    async def story(site: Site) -> None:
        reader, writer = await site.connect()
        writer.write(request_bytes)
        for _ in range(20):
            writer.write(MEGABYTE)
        await writer.drain()
        head, _ = await answer(reader)
        assert head.split()[1] in (b"431", b"413")
        writer.close()

    run(story)


def test_an_upload_of_any_size_goes_through() -> None:
    async def story(site: Site) -> None:
        reader, writer = await site.connect()
        writer.write(b"POST /upload HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(20):
            writer.write(b"f4240\r\n" + MEGABYTE + b"\r\n")
            await writer.drain()
        writer.write(b"0\r\n\r\n" + GET)
        assert (await answer(reader))[1] == b"20000000"
        assert (await answer(reader))[1] == b""
        writer.close()

    run(story)


def test_an_upload_that_breaks_off_is_noticed() -> None:
    async def story(site: Site) -> None:
        _, writer = await site.connect()
        writer.write(b"POST /upload HTTP/1.1\r\nContent-Length: 20000000\r\n\r\n" + MEGABYTE)
        await writer.drain()
        writer.transport.abort()
        await site.disconnected.wait()

    run(story)


def test_a_download_goes_at_the_clients_pace_and_ends_with_the_client() -> None:
    async def story(site: Site) -> None:
        reader, writer = await site.connect()
        writer.write(b"GET /download HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(1_000_000)
        await asyncio.sleep(0.1)
        # What the kernel holds for both sides, and no more.
        assert site.stream.given < 50
        writer.transport.abort()
        await site.until(lambda: site.stream.is_closed)
        assert site.stream.given < 50

    run(story)


def test_a_whole_download_is_whole() -> None:
    async def story(site: Site) -> None:
        site.stream.count = 10
        reader, writer = await site.connect()
        writer.write(b"GET /download HTTP/1.1\r\nHost: x\r\n\r\n" + GET)
        _, body = await answer(reader)
        assert body == MEGABYTE * 10
        assert (await answer(reader))[1] == b""
        writer.close()

    run(story)


def test_who_comes_and_goes_leaves_nothing() -> None:
    async def story(site: Site) -> None:
        tasks = len(asyncio.all_tasks())
        for _ in range(3):
            writers = [(await site.connect())[1] for _ in range(CLIENTS)]
            for writer in writers:
                writer.write(WAIT)
            await site.until(lambda: site.waiting == CLIENTS)
            for writer in writers:
                writer.close()
            await site.until(lambda: len(site.connections) == 0 and site.waiting == 0)
        assert len(asyncio.all_tasks()) == tasks

    run(story)


def test_a_stop_answers_whoever_waits() -> None:
    async def story(site: Site) -> None:
        _, idle = await site.connect()
        clients = [await site.connect() for _ in range(CLIENTS)]
        for _, writer in clients:
            writer.write(WAIT + GET)
        await site.until(lambda: site.waiting == CLIENTS)
        site.server.stop(False)
        for reader, writer in clients:
            head, _ = await answer(reader)
            assert b"connection: close" in head
            assert await reader.read() == b""
            writer.close()
        await site.until(lambda: len(site.connections) == 0)
        with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", site.port)):
            pass
        idle.close()

    run(story)


def test_a_second_stop_waits_for_nobody() -> None:
    async def story(site: Site) -> None:
        site.woken.set = lambda: None  # type: ignore[method-assign]
        _, writer = await site.connect()
        writer.write(WAIT)
        await site.until(lambda: site.waiting == 1)
        site.server.stop(False)
        site.server.stop(True)
        await site.until(lambda: site.waiting == 0)
        writer.close()

    run(story)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    return self_signed(tmp_path)


def test_tls_carries_all_of_it(certificate: tuple[Path, Path]) -> None:
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(*certificate)
    theirs = ssl.create_default_context(cafile=str(certificate[0]))
    theirs.check_hostname = False

    async def story(site: Site) -> None:
        site.stream.count = 5
        reader, writer = await site.connect(theirs)
        writer.write(b"GET /download HTTP/1.1\r\nHost: x\r\n\r\n" + GET)
        assert len((await answer(reader))[1]) == 5_000_000
        assert (await answer(reader))[1] == b""
        writer.write(b"POST /upload HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n" + MEGABYTE)
        assert (await answer(reader))[1] == b"1000000"
        writer.write(b"nonsense\r\n\r\n")
        assert b" 400 " in (await answer(reader))[0]
        writer.close()
        _, plain = await site.connect()
        plain.write(GET)
        await site.until(lambda: len(site.connections) == 0)
        plain.close()

    run(story, own)
