"""The core on a real database, without HTTP: what tests of appending and reading stand on.

Everything that the server's own composition builds, with a clock that the test moves and faults that it chooses.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from myelin.actions.accounts import create_account
from myelin.actions.create_room import NewRoom, create_room
from myelin.actions.members import join_room
from myelin.actions.send_event import send_event
from myelin.actions.sender import Sender
from myelin.actions.sessions import NewSession, Tokens
from myelin.append.pool import LogWriter
from myelin.entries.entry import Entry
from myelin.entries.rows import AppendedRow
from myelin.log.log import Head
from myelin.main import endless, foundation
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import room_version
from myelin.settings import PASSWORD_COSTS, Settings
from myelin.wiring.foundation import Foundation

# Whoever has not written by then is waiting for us.
WAITS_S = 0.5

Append = Callable[[Head, Sequence[AppendedRow], str | None, bool], Awaitable[int]]
Fault = Callable[[Append, Head, Sequence[AppendedRow], str | None, bool], Awaitable[int]]


@dataclass
class FaultyWriter:
    """A writer whose next appends go through the faults that a test has put in line."""

    writer: LogWriter
    faults: list[Fault] = field(default_factory=list)

    async def append(self, expected: Head, rows: Sequence[AppendedRow], writes: str | None, signal: bool) -> int:
        if not self.faults:
            return await self.writer.append(expected, rows, writes, signal)
        return await self.faults.pop(0)(self.writer.append, expected, rows, writes, signal)

    async def read(self, after: int, limit: int = 1000) -> list[Entry]:
        return await self.writer.read(after, limit)

    async def head(self) -> int:
        return await self.writer.head()

    def standstill(self) -> AbstractAsyncContextManager[None]:
        return self.writer.standstill()

    async def close(self) -> None:
        await self.writer.close()


async def lose_commit(
    _append: Append, _expected: Head, _rows: Sequence[AppendedRow], _writes: str | None, _signal: bool
) -> int:
    """The commit is lost: nothing was written, and nobody can say so."""
    raise ConnectionResetError


async def lose_answer(
    append: Append, expected: Head, rows: Sequence[AppendedRow], writes: str | None, signal: bool
) -> int:
    """The commit is done, and its answer is lost."""
    await append(expected, rows, writes, signal)
    raise ConnectionResetError


class LateCommit:
    """A connection is lost while a commit is under way, which happens after all: when it is being made again."""

    def __init__(self) -> None:
        self._under_way: tuple[Head, Sequence[AppendedRow], str | None, bool] | None = None

    async def lose(
        self, _append: Append, expected: Head, rows: Sequence[AppendedRow], writes: str | None, signal: bool
    ) -> int:
        self._under_way = expected, rows, writes, signal
        raise ConnectionResetError

    async def arrive(
        self, append: Append, expected: Head, rows: Sequence[AppendedRow], writes: str | None, signal: bool
    ) -> int:
        assert self._under_way is not None
        await append(*self._under_way)
        return await append(expected, rows, writes, signal)


def overtaken(write: Callable[[], Awaitable[object]]) -> Fault:
    """Another process appends first, unless it is made to wait; then it does so afterwards."""

    async def fault(
        append: Append, expected: Head, rows: Sequence[AppendedRow], writes: str | None, signal: bool
    ) -> int:
        other = asyncio.ensure_future(write())
        await asyncio.wait([other], timeout=WAITS_S)
        return await append(expected, rows, writes, signal)

    return fault


async def poison(append: Append, expected: Head, rows: Sequence[AppendedRow], writes: str | None, signal: bool) -> int:
    """The database refuses any batch that holds the poisonous event."""
    if any(b"poison" in bytes(column) for row in rows for column in row if isinstance(column, bytes)):
        raise asyncpg.DataError("a row that the database refuses")
    return await append(expected, rows, writes, signal)


class Core:
    """A core that runs: the server's own composition without its socket."""

    def __init__(self, built: Foundation, writer: FaultyWriter) -> None:
        self.built = built
        self.pool = built.pool
        self.writer = writer

    async def person(self, name: str) -> Sender:
        """Return a new person on a device."""
        user_id, device_id = f"@{name}:hospital.test", f"DEVICE{name.upper()}"
        session = NewSession(device_id=device_id, display_name=None, tokens=Tokens(f"token of {name}"))
        await self.pool.submit(create_account(user_id, None, session))
        return Sender(user_id, device_id)

    async def room(self, creator: Sender, *others: Sender, version: str = "12", preset: str = "private_chat") -> str:
        """Return a new room in which everybody is joined."""
        invited = [other.user_id for other in others]
        new = NewRoom(version=room_version(version), preset=preset, invite=invited)
        room_id = await self.pool.submit(create_room(creator, new))
        for other in others:
            await self.pool.submit(join_room(other, room_id))
        return room_id

    async def say(self, sender: Sender, room_id: str, text: str, txn_id: str | None = None) -> str:
        """Send a message; return its event id."""
        content: JsonObject = {"msgtype": "m.text", "body": text}
        return await self.pool.submit(send_event(sender, room_id, "m.room.message", content, txn_id or text))

    async def log(self) -> list[Entry]:
        """Return the whole log as it stands in the database."""
        return await self.built.log.read(-1, 100_000)

    async def said(self) -> list[str]:
        """Return the texts of all messages in the order of the log."""
        events = [entry.event for entry in await self.log() if entry.event is not None]
        return [str(event.content.get("body")) for event in events if event.type == "m.room.message"]


@asynccontextmanager
async def running_core(database_url: str, data_dir: Path, **wishes: Any) -> AsyncIterator[Core]:
    """Yield a core on this database, with settings as wished; `data_dir` takes its media."""
    settings = Settings(
        data_dir=data_dir,
        server_name="hospital.test",
        require_encryption=False,
        password_cost=PASSWORD_COSTS["low"],
        create_broadcasts=("everybody",),
        **wishes,
    )
    async with foundation(settings, database_url) as built:
        writer = FaultyWriter(built.writer)
        # The pool is given its writer once and for all: here a test stands between.
        built.pool._writer = writer
        tasks = [asyncio.create_task(run) for run in endless(built)]
        try:
            yield Core(built, writer)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
