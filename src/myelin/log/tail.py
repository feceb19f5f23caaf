"""Following what other processes append, and knowing whether there are any.

LISTEN has a connection of its own, never in a transaction. A signal carries no data that is needed: each
second the head is compared besides, so a lost one delays and never loses. Both connections of a process, the
listening and the writing one, hold the advisory lock of its number: it counts for as long as it can hear or write.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import asyncpg

from myelin.log.log import OUTCOME_UNKNOWN
from myelin.schema.connections import connect
from myelin.schema.queries import load_queries

LOG_CHANNEL = "myelin_log"
SIGNAL_CHANNEL = "myelin_signal"
POLL_INTERVAL_S = 1.0
# For so long a look at the others counts: whom the database no longer answers, others may have taken over from.
LOOK_COUNTS_S = 3.0
COMPARE_TIMEOUT_S = 5.0

logger = logging.getLogger(__name__)


class Tail:
    """The listening side of a process; short-lived signals of other processes go to `on_signal`'s function."""

    def __init__(self, database_url: str, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._database_url = database_url
        self._clock_s = clock_s
        self._looked_at_s = float("-inf")
        self._received: Callable[[str], None] = ignore
        self._queries = load_queries("myelin.log")
        self._connection: asyncpg.Connection | None = None
        self._process_number = 0
        self._others = 0
        self._stirred = asyncio.Event()
        # A connection answers one question at a time.
        self._asking = asyncio.Lock()

    @property
    def alone(self) -> bool:
        """Whether no other process serves this log. While nobody listens, everybody is told everything."""
        if self._others or self._connection is None:
            return False
        return self._clock_s() - self._looked_at_s < LOOK_COUNTS_S

    @property
    def process_count(self) -> int:
        """How many processes serve this log."""
        return self._others + 1

    def on_signal(self, received: Callable[[str], None]) -> None:
        """Have signals of other processes handed to `received`."""
        self._received = received

    async def open(self) -> None:
        """Begin to listen, and be counted."""
        connection = await connect(self._database_url, timeout_s=COMPARE_TIMEOUT_S)
        try:
            await self._listen(connection)
        except BaseException:
            connection.terminate()
            raise
        # Alone only after a look that comes with a catch-up.
        self._connection, self._looked_at_s = connection, float("-inf")

    async def claim(self, connection: asyncpg.Connection) -> None:
        """Have this process counted while a connection of its own stands, and tell the others that they are not alone.

        Whoever writes has done so before, on the connection that it writes over.
        """
        if not self._process_number:
            self._process_number = int(await connection.fetchval(self._queries["next_process_number"]))
        await connection.fetchval(self._queries["claim_process_number"], self._process_number)
        await connection.execute(self._queries["say_hello"])

    async def run(self, catch_up: Callable[[], Awaitable[None]]) -> None:
        """Follow the log for ever: `catch_up` publishes what is new. A lost connection is opened again."""
        while True:
            # Not `wait_for`: it may swallow the cancellation that stops this task, where both come at once.
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_INTERVAL_S):
                    await self._stirred.wait()
            self._stirred.clear()
            try:
                await self._look(catch_up)
            except OUTCOME_UNKNOWN as fault:
                logger.warning("the log cannot be followed at the moment: %s", type(fault).__name__)
                await self.close()

    async def signal(self, payload: str) -> None:
        """Send something short-lived to the other processes, where there are any."""
        async with self._asking:
            if self._connection is not None and not self.alone:
                with suppress(*OUTCOME_UNKNOWN):
                    await self._connection.execute(self._queries["signal"], payload)

    async def close(self) -> None:
        """Stop listening."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def _look(self, catch_up: Callable[[], Awaitable[None]]) -> None:
        was_alone = self.alone
        if self._connection is None:
            await self.open()
        connection = self._connection
        assert connection is not None
        looked_at_s = self._clock_s()
        async with self._asking:
            others = int(await connection.fetchval(self._queries["other_processes"], self._process_number))
        # Whoever is gone now may have written until a moment ago: first read that, then be alone.
        if others or not was_alone:
            await catch_up()
        self._others, self._looked_at_s = others, looked_at_s

    async def _listen(self, connection: asyncpg.Connection) -> None:
        await connection.add_listener(LOG_CHANNEL, self._on_log)
        await connection.add_listener(SIGNAL_CHANNEL, self._on_signal)
        await self.claim(connection)
        self._others = int(await connection.fetchval(self._queries["other_processes"], self._process_number))
        connection.add_termination_listener(self._on_end)

    def _on_end(self, connection: asyncpg.Connection) -> None:
        if connection is self._connection:
            self._connection = None
            self._stirred.set()

    def _on_log(self, _connection: object, _pid: int, _channel: str, payload: str) -> None:
        if payload == "hello":
            self._others = max(self._others, 1)
        self._stirred.set()

    def _on_signal(self, connection: asyncpg.Connection, pid: int, _channel: str, payload: str) -> None:
        if pid != connection.get_server_pid():
            self._received(payload)


class Freshness:
    """Makes sure that a reader sees what any process had appended when the request came."""

    def __init__(
        self, reads: asyncpg.Pool, tail: Tail, head: Callable[[], int], catch_up: Callable[[], Awaitable[None]]
    ) -> None:
        self._reads = reads
        self._tail = tail
        self._head = head
        self._catch_up = catch_up
        self._queries = load_queries("myelin.log")
        self._next: asyncio.Task[None] | None = None
        self._running = asyncio.Lock()

    async def ensure(self) -> None:
        """Return when memory stands at least where the log stood at the time of the call."""
        if self._tail.alone:
            return
        # A comparison under way began before this call: the next one serves everybody who waits by then.
        if self._next is None:
            self._next = asyncio.ensure_future(self._compare())
        await asyncio.shield(self._next)

    async def _compare(self) -> None:
        async with self._running:
            self._next = None
            head = await self._reads.fetchval(self._queries["head"], timeout=COMPARE_TIMEOUT_S)
            if head is not None and head > self._head():
                await self._catch_up()


def ignore(_payload: str) -> None:
    """Take no notice."""
