"""A connection without a socket: what a client sends goes in, what the server writes is noted."""

import asyncio
from dataclasses import dataclass
from typing import Any

import orjson

from myelin.http.connection import Connection
from myelin.http.connections import Connections, Respond

# More turns of the event loop than any answer here takes.
TURNS = 20


class Wire(asyncio.Transport):
    """The server's end of a connection; `is_full` while the client takes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.unsent_bytes = 0
        self.is_paused = False
        self.is_closed = False
        self.is_aborted = False
        self.is_ended = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("192.0.2.1", 5) if name == "peername" else default

    def write(self, data: Any) -> None:
        assert not self.is_closed
        self.sent += data

    def close(self) -> None:
        self.is_closed = True

    def abort(self) -> None:
        self.is_closed = self.is_aborted = True

    def is_closing(self) -> bool:
        return self.is_closed

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.is_ended = True

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False

    def get_write_buffer_size(self) -> int:
        return self.unsent_bytes


@dataclass
class Answer:
    """One answer as it was on the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def errcode(self) -> str:
        code: str = orjson.loads(self.body)["errcode"]
        return code


class Client:
    """The client's side of a connection to whatever `respond` answers."""

    def __init__(self, respond: Respond, connections: Connections | None = None) -> None:
        self.connections = Connections(respond, 100) if connections is None else connections
        self.connections.date_line = b"date: Tue, 24 Nov 2026 08:00:00 GMT\r\n"
        self.wire = Wire()
        self.connection = Connection(self.connections)
        self.connection.connection_made(self.wire)

    async def send(self, *pieces: bytes) -> None:
        """Send these, and let the server do what it can."""
        for piece in pieces:
            self.connection.data_received(piece)
        await turns()

    async def hang_up(self) -> None:
        """Be gone."""
        self.wire.is_closed = True
        self.connection.connection_lost(None)
        await turns()

    def tick(self, count: int) -> None:
        """Let time pass."""
        for _ in range(count):
            self.connection.tick()

    def answers(self, asked: str = "") -> list[Answer]:
        """Everything that was answered; to requests of these methods (G or H, all GET if not said)."""
        found: list[Answer] = []
        rest = self.wire.sent
        while rest:
            head, _, rest = rest.partition(b"\r\n\r\n")
            line, *lines = head.decode().split("\r\n")
            headers = dict(each.split(": ", 1) for each in lines)
            has_body = asked[len(found) : len(found) + 1] != "H"
            length = int(headers.get("content-length", "0")) if has_body else 0
            found.append(Answer(int(line.split()[1]), headers, rest[:length]))
            rest = rest[length:]
        return found


async def turns() -> None:
    """Let every task go as far as it can."""
    for _ in range(TURNS):
        await asyncio.sleep(0)
