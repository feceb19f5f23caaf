"""All connections of a server: what they share, and how they end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from myelin.http.bodies import Body
from myelin.http.messages import Head, Response

Respond = Callable[[Head, Body], Awaitable[Response]]

# How often each connection is asked whether its time is up.
TICK_S = 5


class Member(Protocol):
    """One connection; see `myelin.http.connection.Connection`."""

    task: asyncio.Task[None] | None

    def tick(self) -> None: ...
    def end(self) -> None: ...
    def abort(self) -> None: ...


class Connections:
    """All connections of a server, and what they share."""

    def __init__(self, respond: Respond, count_limit: int) -> None:
        self.respond = respond
        self.date_line = b""
        self.are_ending = False
        # Whoever ends the server waits for this.
        self.gone = asyncio.Event()
        self._count_limit = count_limit
        self._open: set[Member] = set()
        # Their clients are gone, but what these do is not withdrawn.
        self._left: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: Member) -> bool:
        """Count a connection in; return whether there is room for it."""
        self._open.add(connection)
        return len(self._open) <= self._count_limit

    def remove(self, connection: Member) -> None:
        """Count a connection out."""
        self._open.discard(connection)
        self._look_who_is_left()

    def leave(self, task: asyncio.Task[None]) -> None:
        """Let a task end whose client is gone."""
        self._left.add(task)
        task.add_done_callback(self._ended)

    def tick(self) -> None:
        """Cut off who has had enough time; to be called every `TICK_S`."""
        for connection in tuple(self._open):
            connection.tick()

    def end(self) -> None:
        """Close each connection with its answer, those that wait for no answer now."""
        self.are_ending = True
        for connection in tuple(self._open):
            connection.end()
        self._look_who_is_left()

    def abort(self) -> list[asyncio.Task[None]]:
        """Close everything now; return what was still being done, cancelled."""
        for connection in tuple(self._open):
            connection.abort()
        tasks = [*self._left, *(connection.task for connection in self._open if connection.task is not None)]
        for task in tasks:
            task.cancel()
        return tasks

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._left.discard(task)
        self._look_who_is_left()

    def _look_who_is_left(self) -> None:
        if self.are_ending and not self._open and not self._left:
            self.gone.set()
