"""The composition root: builds every object, starts every task, stops them in order. Nobody else builds."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

import uvicorn

from myelin.api.discovery.versions import versions_routes
from myelin.api.rooms.create_room import CreateRoom
from myelin.api.rooms.membership import Membership
from myelin.api.rooms.send import Send
from myelin.api.session.register import Register
from myelin.api.syncing.sync import SyncEndpoint
from myelin.append.loading import Loading
from myelin.append.memory import Memory
from myelin.append.origin import Origin
from myelin.append.pool import Pool
from myelin.engine import embedded_engine
from myelin.entries.entry import Draft, Entry, seal
from myelin.entries.facts import LogOpened
from myelin.entries.rows import appended_row
from myelin.http.application import Application
from myelin.http.messages import Caller, Request
from myelin.http.routes import Route, Routes
from myelin.log.log import Log
from myelin.log.writer import Writer
from myelin.policy.policy import Policy
from myelin.projections.loader import ProjectionLoader
from myelin.schema.connections import connect, open_pool
from myelin.schema.migrate import migrate
from myelin.schema.queries import load_queries
from myelin.settings import Settings
from myelin.stores.server_secrets import secret, signing_key
from myelin.stores.tokens import AccessTokens
from myelin.sync.feed import Feed
from myelin.sync.history_facts import HistoryFacts
from myelin.sync.joined_rooms import JoinedRooms
from myelin.sync.lazy_members import LazyMembers
from myelin.sync.receipts import Receipts
from myelin.sync.rendering import Renderer
from myelin.sync.rooms import Rooms
from myelin.sync.state import States
from myelin.sync.sync import Sync
from myelin.sync.tails import Tails
from myelin.sync.timeline import Timelines
from myelin.sync.token import TokenSeal
from myelin.sync.unread import Unread
from myelin.sync.waiters import Waiters

logger = logging.getLogger(__name__)


def clock_ms() -> int:
    """Return the time of day in ms."""
    return time.time_ns() // 1_000_000


class Callers:
    """Access tokens as the HTTP edge asks for them."""

    def __init__(self, tokens: AccessTokens) -> None:
        self._tokens = tokens

    async def caller(self, token: str) -> Caller:
        owner = await self._tokens.owner(token)
        return Caller(owner.user_id, owner.device_id)


class NoLimits:
    """Rate limits turned off."""

    def check(self, limit: str, request: Request) -> None:
        """Let everything pass."""


async def serve(settings: Settings) -> None:
    """Run the server until it is told to stop."""
    async with database(settings) as url:
        await serve_on(settings, url)


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[str]:
    """Yield the address of the site's own database, or of the embedded one while it runs."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    async with embedded_engine(settings.data_dir) as url:
        yield url


async def serve_on(settings: Settings, url: str) -> None:
    connection = await connect(url)
    await migrate(connection)
    await open_log(Log(connection), settings)
    memory = Memory()
    log = Log(connection)
    head = (await log.read(await log.head() - 1, 1))[0]
    memory.start_at(head)
    reads = await open_pool(url)
    queries = load_queries("myelin.sync")
    tokens = AccessTokens(reads, clock_ms)
    tails, waiters = Tails(), Waiters()
    tails.started_at = memory.head
    loading = Loading(ProjectionLoader(reads), memory)
    feed = Feed(memory, tails, waiters, lambda users: None, lambda room: None)

    def published(entries: Sequence[Entry]) -> None:
        tokens.published(entries)
        feed.published(entries)

    origin = Origin(settings.server_name, await signing_key(reads, os.urandom, clock_ms()), os.urandom)
    policy = Policy(require_encryption=settings.require_encryption)
    pool = Pool(Writer(url), memory, loading, origin, policy, clock_ms, lambda: True, published)
    renderer = Renderer(reads, queries, clock_ms)
    facts = HistoryFacts(reads, queries)
    timelines = Timelines(reads, queries, renderer, facts)
    states = States(reads, queries, renderer, facts, LazyMembers())
    joined = JoinedRooms(
        reads,
        queries,
        memory,
        loading,
        tails,
        timelines,
        states,
        Receipts(reads, queries),
        Unread(reads, queries),
        clock_ms,
    )
    seal_ = TokenSeal(await secret(reads, "sync_token", os.urandom))
    sync = Sync(memory, loading, waiters, seal_, log, [Rooms(joined)])

    async def hash_password(password: str) -> str:
        return "x"

    routes: Iterable[Route] = [
        *versions_routes(),
        *Register(pool, settings.server_name, settings.registration == "open", os.urandom, hash_password).routes(),
        *CreateRoom(pool, settings.room_version).routes(),
        *Membership(pool).routes(),
        *Send(pool).routes(),
        *SyncEndpoint(sync).routes(),
    ]
    application = Application(Routes(routes), Callers(tokens), NoLimits())
    config = uvicorn.Config(
        application,
        host=settings.listen.host,
        port=settings.listen.port,
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        proxy_headers=False,
        log_level=settings.log_level,
        ws="none",
        server_header=False,
        timeout_keep_alive=75,
        backlog=4096,
    )
    server = uvicorn.Server(config)
    async with asyncio.TaskGroup() as tasks:
        appending = tasks.create_task(pool.run())
        await server.serve()
        waiters.wake_all()
        appending.cancel()
    await reads.close()
    await connection.close()


async def open_log(log: Log, settings: Settings) -> None:
    """Write entry 0 into an empty log; of two processes that start at once, one does."""
    if await log.head() >= 0:
        return
    first = seal(Draft(facts=LogOpened(settings.server_name)), 0, clock_ms(), os.urandom(32))
    await log.append(-1, [appended_row(first)], None, False)
