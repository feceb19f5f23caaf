"""One client's connection: HTTP/1.1 from bytes to exchanges, one answered after the other.

llhttp parses, strictly. What is refused here never became a request; what a request means, the application knows.
An attacker may send anything: whatever is held for a connection is bounded, and so is the time it may take.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import cast

import httptools
import msgspec

from myelin.http.answers import CONTINUE, answer_bytes, stream_head
from myelin.http.application import refused
from myelin.http.bodies import Body, Disconnected
from myelin.http.connections import TICK_S, Connections
from myelin.http.heads import HeadTooLarge, NotHttp, check_framing, target_of
from myelin.http.messages import Head, Response, Stream
from myelin.matrix.errors import MatrixError, ResourceUnavailable

# What the parser takes at once, and so the most that a head may exceed its limit by.
SLICE_BYTES = 64 * 1024
HEAD_LIMIT_BYTES = 64 * 1024
HEADER_COUNT_LIMIT = 100
# A body waits here for its reader; above this the client waits.
HELD_LIMIT_BYTES = 64 * 1024
PIPELINE_LIMIT = 64

# How long a connection may be in one state, in ticks.
IDLE_TICKS = 75 // TICK_S
HEAD_TICKS = 30 // TICK_S
REST_TICKS = 30 // TICK_S
STALLED_TICKS = 60 // TICK_S
PARTING_TICKS = 10 // TICK_S
NO_LIMIT = 0
NOT_MODIFIED = 304


class BrokenStream(Exception):
    """What was sent is not as long as had been announced."""


class Exchange(msgspec.Struct):
    """One request and its answer; `refusal` where what came is no request."""

    head: Head
    body: Body
    keeps_alive: bool
    expects_continue: bool = False
    refusal: MatrixError | None = None


class Connection(asyncio.Protocol):
    """One connection; llhttp calls its `on_` methods while it parses."""

    __slots__ = (
        "_connections",
        "_drained",
        "_exchange",
        "_exchange_count",
        "_header_count",
        "_headers",
        "_is_deaf",
        "_is_paused",
        "_is_stalled",
        "_moment",
        "_parser",
        "_peer",
        "_receiving",
        "_ticks",
        "_transport",
        "_unheeded_bytes",
        "_url",
        "_waiting",
        "task",
    )

    _transport: asyncio.Transport

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._parser = httptools.HttpRequestParser(self)
        self._peer = ""
        # The head that is being parsed, and what the parser took since it last had something to tell.
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._header_count = 0
        self._unheeded_bytes = 0
        # The exchange whose body is coming; the one that is being answered, by which task; and those behind it.
        self._receiving: Exchange | None = None
        self._exchange: Exchange | None = None
        self.task: asyncio.Task[None] | None = None
        self._waiting: list[Exchange] = []
        self._exchange_count = 0
        # Whether nothing that comes counts any more; whether the client must wait; whether it lets us wait.
        self._is_deaf = False
        self._is_paused = False
        self._is_stalled = False
        self._drained: asyncio.Future[None] | None = None
        self._moment = (NO_LIMIT, 0, 0)
        self._ticks = 0

    # ------------------------------------------------------------ what the transport tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self._peer = peer[0] if peer else ""
        if not self._connections.add(self):
            self._is_deaf = True
            self._transport.write(
                answer_bytes(refused(ResourceUnavailable()), self._connections.date_line, False, True)
            )
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), SLICE_BYTES):
            if not self._is_deaf:
                self._parse(data if len(data) <= SLICE_BYTES else data[start : start + SLICE_BYTES])

    def pause_writing(self) -> None:
        self._is_stalled = True

    def resume_writing(self) -> None:
        self._is_stalled = False
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        exchange, task = self._exchange, self.task
        if exchange is not None and task is not None:
            # Who only asked is not answered; what somebody wanted done is done, if all of it came.
            if exchange.head.method in ("GET", "HEAD"):
                task.cancel()
            exchange.body.fail(Disconnected())
            self._connections.leave(task)
        self.resume_writing()
        self._connections.remove(self)
        # What points back here would keep this connection until the next collection.
        self._is_deaf, self._exchange, self._receiving, self.task = True, None, None, None
        self._waiting.clear()
        del self._parser

    # ------------------------------------------------------------ what the parser tells

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._receiving is not None:
            # Behind a body stand trailers: nobody asked for them.
            return
        self._header_count += 1
        if self._header_count > HEADER_COUNT_LIMIT:
            raise HeadTooLarge
        name, headers = name.lower(), self._headers
        headers[name] = b"%b, %b" % (headers[name], value) if name in headers else value

    def on_headers_complete(self) -> None:
        head, parser = self._head(), self._parser
        version, upgrades = parser.get_http_version(), parser.should_upgrade()
        check_framing(head.headers, version, upgrades)
        if len(self._waiting) >= PIPELINE_LIMIT:
            raise NotHttp("too many requests came before the first of them was answered")
        keeps_alive = version == "1.1" and not upgrades and parser.should_keep_alive()
        expects_continue = version == "1.1" and head.headers.get(b"expect", b"").lower() == b"100-continue"
        exchange = Exchange(head, Body(self._let_come), keeps_alive, expects_continue)
        self._receiving, self._unheeded_bytes = exchange, 0
        self._take(exchange)

    def on_body(self, part: bytes) -> None:
        self._unheeded_bytes = 0
        exchange = self._receiving
        # What nobody will read any more is let go by.
        if exchange is not None and self._exchange is not None:
            exchange.body.feed(part)
            if exchange.body.held_bytes > HELD_LIMIT_BYTES:
                self._pause_reading()

    def on_message_complete(self) -> None:
        self._unheeded_bytes = 0
        if self._receiving is not None:
            self._receiving.body.end()
            self._receiving = None

    # ------------------------------------------------------------ from bytes to exchanges

    def _parse(self, piece: bytes) -> None:
        self._unheeded_bytes += len(piece)
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            # Answered like any other request, and nothing behind it is one.
            self._is_deaf = True
        except httptools.HttpParserError as fault:
            self._refuse(fault.__context__ if isinstance(fault.__context__, MatrixError) else NotHttp())
        else:
            if self._unheeded_bytes > HEAD_LIMIT_BYTES:
                self._refuse(HeadTooLarge())

    def _head(self) -> Head:
        url, headers = self._url, self._headers
        self._url, self._headers, self._header_count = b"", {}, 0
        path, query_string = target_of(url)
        return Head(self._parser.get_method().decode(), path, query_string, headers, self._peer)

    def _refuse(self, refusal: MatrixError) -> None:
        """Answer what is no request after all that came before it, and listen no more."""
        self._is_deaf = True
        exchange = self._receiving
        if exchange is None:
            self._take(Exchange(Head("", "", b"", {}, self._peer), Body(nothing), keeps_alive=False, refusal=refusal))
        elif self._exchange is None:
            self._part()
        else:
            exchange.keeps_alive = False
            exchange.body.fail(refusal)

    def _take(self, exchange: Exchange) -> None:
        if self._exchange is None:
            self._begin(exchange)
        else:
            self._waiting.append(exchange)
            self._pause_reading()

    # ------------------------------------------------------------ answering

    def _begin(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._exchange_count += 1
        self.task = asyncio.get_running_loop().create_task(self._answer(exchange))

    async def _answer(self, exchange: Exchange) -> None:
        try:
            if exchange.refusal is None:
                response = await self._connections.respond(exchange.head, exchange.body)
            else:
                response = refused(exchange.refusal)
            await self._send(exchange, response)
        except BaseException as fault:
            # Whoever was not answered, or not in whole, must not take what follows for the answer.
            self._transport.abort()
            if not isinstance(fault, Disconnected):
                raise
        else:
            self._answered(exchange)

    async def _send(self, exchange: Exchange, response: Response) -> None:
        unasked = exchange.expects_continue and not exchange.body.is_whole
        exchange.keeps_alive = exchange.keeps_alive and not unasked and not self._connections.are_ending
        # What the client has already is described and not sent.
        with_body = exchange.head.method != "HEAD" and response.status != NOT_MODIFIED
        date_line = self._connections.date_line
        if response.stream is not None:
            async with aclosing(response.stream) as stream:
                self._write(stream_head(response, date_line, exchange.keeps_alive))
                if with_body:
                    await self._send_stream(stream, announced_bytes(response))
        else:
            self._write(answer_bytes(response, date_line, exchange.keeps_alive, with_body))
        # Who does not take this answer gets no other.
        await self._drain()

    async def _send_stream(self, stream: Stream, announced: int) -> None:
        """Send part by part, no faster than the client takes them, and no longer than it is there."""
        async for part in stream:
            announced -= len(part)
            if announced < 0:
                raise BrokenStream
            self._write(part)
            await self._drain()
            if self._transport.is_closing():
                return
        if announced:
            raise BrokenStream

    def _write(self, piece: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(piece)

    async def _drain(self) -> None:
        while self._is_stalled:
            self._drained = asyncio.get_running_loop().create_future()
            await self._drained

    def _answered(self, exchange: Exchange) -> None:
        self._exchange = self.task = None
        if self._transport.is_closing():
            return
        if not exchange.keeps_alive or self._connections.are_ending:
            self._part(exchange.body.is_whole)
        elif self._waiting:
            self._begin(self._waiting.pop(0))
        else:
            self._resume_reading()

    def _part(self, is_clean: bool = False) -> None:
        """Close the connection; where more may be coming let that come first, or the answer would be lost with it."""
        self._is_deaf = True
        self._waiting.clear()
        if is_clean:
            self._transport.close()
            return
        self._resume_reading()
        if self._transport.can_write_eof() and not self._transport.is_closing():
            self._transport.write_eof()

    # ------------------------------------------------------------ how fast, how long

    def _let_come(self) -> None:
        """The body that is being read may come."""
        exchange = self._receiving
        if exchange is not None and exchange.expects_continue:
            exchange.expects_continue = False
            self._write(CONTINUE)
        self._resume_reading()

    def _pause_reading(self) -> None:
        if not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()

    def _resume_reading(self) -> None:
        if self._is_paused and not self._transport.is_closing():
            self._is_paused = False
            self._transport.resume_reading()

    def tick(self) -> None:
        """Cut the client off if it has been in one state for too long; called every `TICK_S`."""
        moment = (self._patience_ticks(), self._exchange_count, self._transport.get_write_buffer_size())
        if moment != self._moment:
            self._moment, self._ticks = moment, 0
            return
        self._ticks += 1
        if moment[0] != NO_LIMIT and self._ticks >= moment[0]:
            self.abort() if moment[2] else self._transport.close()

    def _patience_ticks(self) -> int:
        if self._is_stalled or self._transport.is_closing():
            return STALLED_TICKS
        if self._exchange is not None:
            return NO_LIMIT
        if self._is_deaf:
            return PARTING_TICKS
        if self._receiving is not None:
            return REST_TICKS
        return HEAD_TICKS if self._url else IDLE_TICKS

    def end(self) -> None:
        """Close, or have the answer that is under way be the last."""
        if self._exchange is None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once, whatever was not sent."""
        self._transport.abort()


def announced_bytes(response: Response) -> int:
    """Return how long a stream will be."""
    return next(int(value) for name, value in response.headers if name == b"content-length")


def nothing() -> None:
    """Nobody reads this body."""
