"""How long a client may take: to ask, and to go on with what it has begun."""

import asyncio
import time
from collections.abc import MutableMapping
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from myelin.http.connection import HEAD_LIMIT_BYTES, HEAD_TIMEOUT_S, SILENCE_TIMEOUT_S, Connection

HEAD = b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"


class Wire(asyncio.Transport):
    """What the server writes, and whether it has hung up."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.closed = False

    def write(self, data: Any) -> None:
        self.sent += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


async def echo(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """Answers once the body is there."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
async def wire() -> Wire:
    return Wire()


@pytest.fixture
async def connection(wire: Wire) -> Connection:
    config = uvicorn.Config(echo, http=Connection, log_config=None, lifespan="off", ws="none")
    made = Connection(config=config, server_state=ServerState(), app_state={})
    made.connection_made(wire)
    return made


def after(seconds: float) -> float:
    return time.monotonic() + seconds


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_never_asks_is_cut_off(connection: Connection) -> None:
    assert not connection.is_dawdling(after(HEAD_TIMEOUT_S / 2))
    connection.data_received(b"POST /x")
    assert connection.is_dawdling(after(HEAD_TIMEOUT_S + 1))


async def test_who_announces_a_body_and_falls_silent_is_cut_off(connection: Connection) -> None:
    connection.data_received(HEAD)
    await turns()
    assert not connection.is_dawdling(after(SILENCE_TIMEOUT_S / 2))
    assert connection.is_dawdling(after(SILENCE_TIMEOUT_S + 1))


async def test_who_has_asked_may_wait_for_the_answer(connection: Connection) -> None:
    connection.data_received(HEAD + b"{}")
    assert not connection.is_dawdling(after(10_000))


async def test_an_answer_begins_a_new_time(connection: Connection, wire: Wire) -> None:
    connection.data_received(HEAD + b"{}")
    await turns()
    assert wire.sent.endswith(b"ok")
    assert not connection.is_dawdling(after(HEAD_TIMEOUT_S / 2))
    connection.connection_lost(None)


async def test_a_head_of_any_number_of_pieces_is_too_large(connection: Connection, wire: Wire) -> None:
    connection.data_received(b"GET / HTTP/1.1\r\n")
    for _ in range(HEAD_LIMIT_BYTES // 100):
        connection.data_received(b"X-Piece: " + b"a" * 100 + b"\r\n")
    assert wire.closed
    assert wire.sent.startswith(b"HTTP/1.1 431 ")
    assert b"M_TOO_LARGE" in wire.sent


async def test_a_large_body_is_no_large_head(connection: Connection, wire: Wire) -> None:
    size = HEAD_LIMIT_BYTES * 3
    connection.data_received(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % size)
    for _ in range(size // 1024):
        connection.data_received(b"x" * 1024)
    await turns()
    assert not wire.closed
    assert wire.sent.startswith(b"HTTP/1.1 200 ")
    connection.connection_lost(None)
