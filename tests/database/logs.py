"""A log with all that appends to it, in this process: the real pool on a real database, with a clock of our own."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from myelin.append.loading import Loading
from myelin.append.memory import Memory
from myelin.append.origin import Origin
from myelin.append.pool import Pool
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft, Entry, seal
from myelin.entries.facts import LogOpened
from myelin.entries.rows import appended_row
from myelin.log.log import EMPTY, Log
from myelin.log.tail import Tail
from myelin.log.writer import Writer
from myelin.policy.policy import Policy
from myelin.projections.loader import ProjectionLoader
from myelin.schema.connections import connect, open_pool
from myelin.schema.migrate import migrate
from myelin.stores.server_secrets import signing_key
from tests.servers import SERVER_NAME

BEGIN_MS = 1_700_000_000_000


class OpenLog:
    """What tests append through; `clock_ms` stands still until a test moves it."""

    def __init__(self, url: str, reads: asyncpg.Pool) -> None:
        self.url = url
        self.reads = reads
        self.now_ms = BEGIN_MS
        self.memory = Memory()
        self.loader = ProjectionLoader(reads)
        self.loading = Loading(self.loader, self.memory)
        self.pool: Pool

    def clock_ms(self) -> int:
        return self.now_ms

    async def emit(self, *drafts: Draft) -> list[Entry]:
        """Append entries as they are, one after the other in one proposal."""
        return await self.pool.submit(emitted(*drafts))

    async def entry(self, position: int) -> Entry:
        return (await Log(self.reads).read(position - 1, 1))[0]

    async def load_nothing(self) -> None:
        """Forget what is in memory, as a process does that starts anew."""
        head = await self.entry(self.memory.head)
        self.memory.forget()
        self.memory.start_at(head)


def emitted(*drafts: Draft) -> Proposal[list[Entry]]:
    def propose(turn: Turn) -> list[Entry]:
        return [turn.emit(draft) for draft in drafts]

    return Proposal(propose)


@asynccontextmanager
async def open_log(url: str) -> AsyncIterator[OpenLog]:
    """A new log in an empty database, closed at the end."""
    await begin(url)
    async with begin_again(url) as log:
        yield log


@asynccontextmanager
async def begin_again(url: str) -> AsyncIterator[OpenLog]:
    """A log that was there already, as a process that starts finds it."""
    reads = await open_pool(url)
    log, writer = OpenLog(url, reads), Writer(url, Tail(url).claim)
    log.memory.start_at(await log.entry(await Log(reads).head()))
    origin = Origin(SERVER_NAME, await signing_key(reads, os.urandom, BEGIN_MS), os.urandom)
    policy = Policy(require_encryption=False)
    log.pool = Pool(writer, log.memory, log.loading, origin, policy, log.clock_ms, lambda: False, lambda entries: None)
    running = asyncio.create_task(log.pool.run())
    try:
        yield log
    finally:
        running.cancel()
        await writer.close()
        await reads.close()


async def begin(url: str) -> None:
    """Make the schema and entry 0."""
    connection = await connect(url)
    try:
        await migrate(connection)
        first = seal(Draft(facts=LogOpened(SERVER_NAME)), 0, BEGIN_MS, os.urandom(32))
        await Log(connection).append(EMPTY, [appended_row(first)], None, False)
    finally:
        await connection.close()
