"""MLLP: a listener that answers only what is kept, and a client that knows whether it was answered.

Neither knows what a message says. A connection carries one message at a time, as MLLP has nothing else to tell answers
apart; it may stay silent for days, so silence never ends it, and TCP's keep-alive finds the dead ones.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Literal

from myelin_gateway.channels.mllp_partners import Listener, Partner
from myelin_gateway.hl7v2 import (
    SIZE_LIMIT_BYTES,
    Acknowledgement,
    Answer,
    Charset,
    Fault,
    Frames,
    FrameTooLarge,
    Stamp,
    framed,
    parse,
    read_answer,
    refused,
)

# Returns once the message is durable; whatever it raises, the sender is told nothing and tries again.
Receive = Callable[[Partner, bytes], Awaitable[Acknowledgement]]

# What the integration team should see. `junk`: bytes outside frames. `abandoned`: a message begun anew before it ended.
# `cut_off`: a connection that ended inside one. `not_kept`: the store failed, nothing was answered.
Notice = Literal["stranger", "too_many_connections", "junk", "abandoned", "cut_off", "too_large", "not_kept"]
Notify = Callable[[str, Notice], None]

PIECE_BYTES = 64 * 1024
HANDSHAKE_TIMEOUT_S = 10
# An answer is a few hundred bytes: who does not take it for so long is gone.
ANSWER_TIMEOUT_S = 30
CLOSING_TIMEOUT_S = 10
# A dead partner is found after three minutes.
KEEP_ALIVE = {"TCP_KEEPIDLE": 120, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}
PAUSES_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)

logger = logging.getLogger(__name__)


@asynccontextmanager
async def listening(
    listener: Listener, receive: Receive, stamp: Callable[[], Stamp], notify: Notify
) -> AsyncIterator[int]:
    """Listen while the block runs, which is given the port; at its end what is being kept is still answered."""
    listener.check()
    connections = Connections(listener, receive, stamp, notify)
    handshake = HANDSHAKE_TIMEOUT_S if listener.tls else None
    server = await asyncio.start_server(
        connections.serve, listener.host, listener.port, ssl=listener.tls, ssl_handshake_timeout=handshake
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await connections.close()


class Connections:
    """The connections of one listener; owns their tasks."""

    def __init__(self, listener: Listener, receive: Receive, stamp: Callable[[], Stamp], notify: Notify) -> None:
        self._listener, self._receive, self._stamp, self._notify = listener, receive, stamp, notify
        self._tasks: set[asyncio.Task[None]] = set()
        # Those that wait for a message: they may be ended at any moment, nothing is lost.
        self._waiting: set[asyncio.Task[None]] = set()
        self._is_closing = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak with whoever connected until they leave."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if (partner := self._partner_of(writer)) is not None:
                await self._converse(partner, reader, writer, task)
        except (OSError, TimeoutError):
            logger.info("an MLLP connection ended early")
        except asyncio.CancelledError:
            # Only `close` cancels; the streams of asyncio would log it as an error.
            if not self._is_closing:
                raise
        finally:
            self._tasks.discard(task)
            writer.close()

    async def close(self) -> None:
        """End the connections: the idle ones at once, the others after their answer."""
        self._is_closing = True
        for task in self._waiting:
            task.cancel()
        if self._tasks:
            _done, late = await asyncio.wait(set(self._tasks), timeout=CLOSING_TIMEOUT_S)
            for task in late:
                task.cancel()

    def _partner_of(self, writer: asyncio.StreamWriter) -> Partner | None:
        host = writer.get_extra_info("peername")[0]
        partner = self._listener.partner_of(host, writer.get_extra_info("peercert"))
        if partner is None:
            logger.warning("MLLP connection refused: %s is no partner's address, or showed another certificate", host)
            self._notify("", "stranger")
        elif len(self._tasks) > self._listener.connections_limit:
            self._notify(partner.name, "too_many_connections")
            return None
        return partner

    async def _converse(
        self, partner: Partner, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, task: asyncio.Task[None]
    ) -> None:
        keep_alive(writer)
        frames = Frames(SIZE_LIMIT_BYTES)
        told: set[Notice] = set()
        try:
            while not self._is_closing and (piece := await self._next_piece(reader, task)):
                for raw in frames.feed(piece):
                    if not await self._answer(partner, raw, writer):
                        return
                self._tell_of(frames, partner, told)
        except FrameTooLarge as error:
            self._notify(partner.name, "too_large")
            await send(writer, refused(error.beginning, partner.charset, self._stamp()).messages)
            # Closed with bytes unread, the connection would be reset, and the answer lost with it.
            await drained(reader)
        finally:
            if frames.is_inside and not self._is_closing:
                self._notify(partner.name, "cut_off")

    async def _next_piece(self, reader: asyncio.StreamReader, task: asyncio.Task[None]) -> bytes:
        self._waiting.add(task)
        try:
            return await reader.read(PIECE_BYTES)
        finally:
            self._waiting.discard(task)

    async def _answer(self, partner: Partner, raw: bytes, writer: asyncio.StreamWriter) -> bool:
        """Have a message kept and answer it; return whether the connection goes on."""
        try:
            # The answer says that the message is kept. A crash before it: the sender sends again, and the inbox
            # knows the message. A crash after it: the message is in the inbox.
            acknowledgement = await self._receive(partner, raw)
        except Exception as error:
            # Without its text, in which a database may repeat the message.
            logger.error("a message of %s was not kept, and not acknowledged: %s", partner.name, type(error).__name__)
            self._notify(partner.name, "not_kept")
            return False
        await send(writer, acknowledgement.messages)
        return not acknowledgement.closes and not self._is_closing

    def _tell_of(self, frames: Frames, partner: Partner, told: set[Notice]) -> None:
        """Say once for each connection what is odd about it: connections last for days."""
        odd: dict[Notice, int] = {"junk": frames.junk_bytes, "abandoned": frames.abandoned}
        for notice in [notice for notice, count in odd.items() if count and notice not in told]:
            told.add(notice)
            self._notify(partner.name, notice)


async def send(writer: asyncio.StreamWriter, messages: Sequence[bytes]) -> None:
    if messages:
        writer.write(b"".join(map(framed, messages)))
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            await writer.drain()


async def drained(reader: asyncio.StreamReader) -> None:
    """Return once the other side has ended, or has talked on for a while."""
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSING_TIMEOUT_S):
            while await reader.read(PIECE_BYTES):
                pass


def keep_alive(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEP_ALIVE.items():
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


class NotDelivered(Exception):
    """A partner was not reached, or did not answer; the message is to be sent again, under the same MSH-10."""


class Unreachable(NotDelivered):
    """No connection: nothing was sent."""


class Unanswered(NotDelivered):
    """Sent, but not answered in time: it may have arrived."""


class MllpClient:
    """Sends to one partner, one message at a time, over a connection that it keeps."""

    def __init__(
        self,
        host: str,
        port: int,
        charset: Charset,
        *,
        tls: ssl.SSLContext | None = None,
        timeout_s: float = 30,
        pauses_s: Sequence[float] = PAUSES_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._host, self._port, self._tls = host, port, tls
        self._charset, self._timeout_s = charset, timeout_s
        self._pauses_s, self._sleep = pauses_s, sleep
        self._connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._failures = 0
        self._turn = asyncio.Lock()

    async def send(self, raw: bytes, control_id: str) -> Answer:
        """Return the partner's answer to a message with this MSH-10; raises NotDelivered.

        After a failure it waits before it connects again, longer each time.
        """
        async with self._turn:
            reader, writer = await self._connected()
            self._failures += 1
            try:
                async with asyncio.timeout(self._timeout_s):
                    writer.write(framed(raw))
                    await writer.drain()
                    answer = await self._answer_to(control_id, reader)
                    self._failures = 0
                    return answer
            except (OSError, TimeoutError, EOFError, FrameTooLarge) as error:
                raise Unanswered(f"{self._host}:{self._port} did not answer") from error
            finally:
                # What is answered late must not be read as the answer to something else.
                if self._failures:
                    self._drop()

    async def close(self) -> None:
        async with self._turn:
            self._drop()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._connection and not self._connection[0].at_eof() and not self._connection[1].is_closing():
            return self._connection
        self._drop()
        if self._failures:
            await self._sleep(self._pauses_s[min(self._failures, len(self._pauses_s)) - 1])
        try:
            async with asyncio.timeout(self._timeout_s):
                self._connection = await asyncio.open_connection(self._host, self._port, ssl=self._tls)
        except (OSError, TimeoutError) as error:
            self._failures += 1
            raise Unreachable(f"{self._host}:{self._port} cannot be reached") from error
        keep_alive(self._connection[1])
        return self._connection

    async def _answer_to(self, control_id: str, reader: asyncio.StreamReader) -> Answer:
        frames = Frames(SIZE_LIMIT_BYTES)
        while piece := await reader.read(PIECE_BYTES):
            for raw in frames.feed(piece):
                answer = self._read(raw)
                if answer and answer.control_id == control_id:
                    return answer
        raise EOFError

    def _read(self, raw: bytes) -> Answer | None:
        try:
            return read_answer(parse(raw, self._charset))
        except Fault:
            return None

    def _drop(self) -> None:
        if self._connection:
            self._connection[1].close()
            self._connection = None
