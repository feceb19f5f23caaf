"""The composition root: builds every object, starts every task, stops them in order. Nobody else builds."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from socket import socket

import asyncpg
import msgspec

from myelin.actions.departures import Departures
from myelin.actions.erase import SupersededErasure
from myelin.actions.profile_spread import ProfileSpread
from myelin.actions.refused_sign_ins import RefusedSignIns
from myelin.api.session.account import AccountManagement
from myelin.api.session.capabilities import Capabilities
from myelin.api.session.devices import Devices
from myelin.api.session.issuing import Issuer
from myelin.api.session.login import Login
from myelin.api.session.logout import Logout
from myelin.api.session.refresh import Refresh
from myelin.api.session.register import Register
from myelin.api.session.token_check import TokenCheck
from myelin.api.syncing.sync import SyncEndpoint
from myelin.append.collector import Collector, deliveries_collector, receipts_collector
from myelin.append.loading import Loading
from myelin.append.measured import MeasuredWriter
from myelin.append.memory import Memory
from myelin.append.origin import Origin
from myelin.append.pool import Pool
from myelin.append.settling import settle
from myelin.engine import embedded_engine
from myelin.entries.items import Delivery, Receipt
from myelin.ephemera.signals import Signals
from myelin.ephemera.typing import Typing
from myelin.http.application import Application, Edge
from myelin.http.interactive_authentication import InteractiveAuthentication
from myelin.http.journal import configure_logging, note_unhandled
from myelin.http.limits import NoLimits, RateLimits
from myelin.http.passwords import PasswordSignIn
from myelin.http.proxies import Proxies
from myelin.http.routes import Route, Routes
from myelin.http.server import allow_connections, bound_socket, server_of
from myelin.http.stopping import Stopping
from myelin.http.traffic import Traffic
from myelin.log.log import Log
from myelin.log.opening import prepare
from myelin.log.tail import Freshness, Tail
from myelin.log.writer import Writer
from myelin.matrix.signing import SigningKey
from myelin.policy.policy import Policy
from myelin.projections.accounts import Accounts
from myelin.projections.loader import ProjectionLoader
from myelin.projections.profiles import ProfileReader
from myelin.projections.superseded import SupersededBodies
from myelin.schema.connections import close_pool, open_pool
from myelin.schema.queries import Queries, load_queries
from myelin.settings import Settings
from myelin.stores.credentials import Credentials
from myelin.stores.filters import StoredFilters
from myelin.stores.last_seen import LastSeen
from myelin.stores.password_hashing import PasswordHashing
from myelin.stores.server_secrets import secret, signing_key
from myelin.stores.tokens import AccessTokens
from myelin.sync.account_data import AccountData
from myelin.sync.deliveries import Deliveries
from myelin.sync.feed import Feed
from myelin.sync.history_facts import HistoryFacts
from myelin.sync.known_filters import KnownFilters
from myelin.sync.one_time_keys import OneTimeKeyCounts
from myelin.sync.read_events import ReadEvents
from myelin.sync.rendering import Renderer
from myelin.sync.section import Section
from myelin.sync.sync import Sync
from myelin.sync.tails import Tails
from myelin.sync.timeline import Timelines
from myelin.sync.token import TokenSeal
from myelin.sync.unloaded_rooms import UnloadedRooms
from myelin.sync.waiters import Waiters
from myelin.wiring import (
    Encryption,
    Watched,
    all_of,
    discovery_routes,
    encryption_of,
    encryption_routes,
    health_of,
    media_routes,
    metrics_of,
    person_routes,
    reading_routes,
    room_readers,
    room_routes,
    rooms_section,
    typing_of,
)

logger = logging.getLogger(__name__)


def clock_ms() -> int:
    """Return the time of day in ms."""
    return time.time_ns() // 1_000_000


class SignIns(msgspec.Struct, frozen=True, kw_only=True):
    """What signing in, and confirming with a password, is built from."""

    hashing: PasswordHashing
    passwords: PasswordSignIn
    interactive: InteractiveAuthentication
    refusals: RefusedSignIns
    accounts: Accounts
    last_seen: LastSeen


class Foundation(msgspec.Struct, frozen=True, kw_only=True):
    """What endpoints and sections are built from. It never leaves this module: each gets only what it uses."""

    settings: Settings
    reads: asyncpg.Pool
    queries: Queries
    log: Log
    memory: Memory
    loading: Loading
    pool: Pool
    writer: MeasuredWriter
    tail: Tail
    freshness: Freshness
    unloaded_rooms: UnloadedRooms
    receipts: Collector[Receipt]
    deliveries: Collector[Delivery]
    tokens: AccessTokens
    limits: RateLimits | NoLimits
    sign_ins: SignIns
    departures: Departures
    tails: Tails
    waiters: Waiters
    renderer: Renderer
    history: HistoryFacts
    timelines: Timelines
    encryption: Encryption
    typing: Typing
    signals: Signals
    profile_spread: ProfileSpread
    seal: TokenSeal
    key: SigningKey
    random: Callable[[int], bytes] = os.urandom


async def serve(settings: Settings) -> None:
    """Run the server until SIGTERM or SIGINT ends it; SettingsError where it cannot start as it is told."""
    configure_logging(settings.log_level)
    allow_connections()
    # Tasks and frames come and go by the thousand, hardly ever in cycles: to look for those at Python's pace costs 5 %.
    gc.set_threshold(10_000, 20, 50)
    asyncio.get_running_loop().set_exception_handler(note_unhandled)
    # The address first: a second server on it ends here, before it touches anything.
    with bound_socket(settings.listen) as bound, Stopping() as stopping:
        async with database(settings) as url, foundation(settings, url) as built:
            await listen(built, bound, stopping)


@asynccontextmanager
async def database(settings: Settings, serving: bool = True) -> AsyncIterator[str]:
    """Yield the address of the site's own database, or of the embedded one while it runs."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    async with embedded_engine(settings.data_dir, serving=serving) as url:
        yield url


@asynccontextmanager
async def at_work(settings: Settings) -> AsyncIterator[Foundation]:
    """Yield everything but the edges, for one command: beside a running server, or for the command alone."""
    async with database(settings, serving=False) as url, foundation(settings, url) as built:
        running = [asyncio.ensure_future(run) for run in endless(built)]
        try:
            yield built
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


@asynccontextmanager
async def foundation(settings: Settings, url: str) -> AsyncIterator[Foundation]:
    """Bring the database up to date and build what everything stands on."""
    await prepare(url, settings.server_name, clock_ms(), os.urandom)
    reads = await open_pool(url)
    built = await build(settings, url, reads)
    try:
        yield built
    finally:
        await built.sign_ins.last_seen.flush()
        built.sign_ins.hashing.close()
        await built.tail.close()
        await built.writer.close()
        await close_pool(reads)


async def build(settings: Settings, url: str, reads: asyncpg.Pool) -> Foundation:
    """Build the state, the pool and the readers on an open database."""
    log, memory, tails, waiters = Log(reads), Memory(), Tails(), Waiters()
    memory.start_at((await log.read(await log.head() - 1, 1))[0])
    tails.started_at = memory.head
    loading = Loading(ProjectionLoader(reads), memory)
    tokens = AccessTokens(reads, clock_ms)
    unloaded_rooms = UnloadedRooms(loading, waiters)
    encryption = encryption_of(reads, memory, loading, waiters)
    await encryption.changes.reach_back(reads)
    feed = Feed(memory, tails, waiters, encryption.sharing.wake, unloaded_rooms.wake_later)
    key = await signing_key(reads, os.urandom, clock_ms())
    origin = Origin(settings.server_name, key, os.urandom)
    policy = Policy(require_encryption=settings.require_encryption)
    departures = Departures(Accounts(reads).memberships_of_closed)
    queries = load_queries("myelin.sync")
    listeners = (tokens.published, encryption.changes.published, feed.published, departures.published)
    limits = RateLimits(time.monotonic) if settings.rate_limits else NoLimits()
    tail = Tail(url)
    signals = Signals(tail.signal)
    writer = MeasuredWriter(Writer(url, tail.claim), time.perf_counter)
    pool = Pool(writer, memory, loading, origin, policy, clock_ms, lambda: tail.alone, all_of(listeners))
    await tail.open()
    await pool.catch_up()
    renderer, history = Renderer(reads, queries, clock_ms), HistoryFacts(reads, queries)
    return Foundation(
        settings=settings,
        reads=reads,
        queries=queries,
        log=log,
        memory=memory,
        loading=loading,
        pool=pool,
        writer=writer,
        tail=tail,
        freshness=Freshness(reads, tail, lambda: memory.head, pool.catch_up),
        unloaded_rooms=unloaded_rooms,
        receipts=receipts_collector(pool.submit),
        deliveries=deliveries_collector(pool.submit),
        tokens=tokens,
        limits=limits,
        sign_ins=await sign_ins(settings, reads, limits),
        departures=departures,
        tails=tails,
        waiters=waiters,
        renderer=renderer,
        history=history,
        timelines=Timelines(reads, queries, renderer, history),
        encryption=encryption,
        typing=typing_of(os.urandom(4).hex(), memory, waiters, unloaded_rooms, tail, signals),
        signals=signals,
        profile_spread=ProfileSpread(pool.submit, ProfileReader(reads).rooms_behind),
        seal=TokenSeal(await secret(reads, "sync_token", os.urandom)),
        key=key,
    )


async def sign_ins(settings: Settings, reads: asyncpg.Pool, limits: RateLimits | NoLimits) -> SignIns:
    """Build what checks passwords."""
    hashing, refusals = PasswordHashing(settings.password_cost), RefusedSignIns()
    passwords = PasswordSignIn(Credentials(reads, hashing), refusals, limits, settings.server_name)
    seal = await secret(reads, "interactive_authentication", os.urandom)
    return SignIns(
        hashing=hashing,
        passwords=passwords,
        interactive=InteractiveAuthentication(passwords, seal, clock_ms),
        refusals=refusals,
        accounts=Accounts(reads),
        last_seen=LastSeen(reads, clock_ms),
    )


def sync_of(built: Foundation) -> Sync:
    """Build `/sync` from its sections; the order is that of the answer."""
    rooms = rooms_section(
        built.reads,
        built.queries,
        built.memory,
        built.loading,
        built.tails,
        built.timelines,
        built.renderer,
        built.history,
        built.typing,
        clock_ms,
    )
    parts = built.encryption
    # Messages to the device first: where more wait than fit, the rest waits with them.
    sections: Sequence[Section] = [
        OneTimeKeyCounts(parts.keys),
        parts.to_device,
        rooms,
        AccountData(built.reads),
        parts.device_lists,
    ]
    catch_up = built.pool.catch_up
    return Sync(built.memory, built.loading, built.waiters, built.seal, built.log, catch_up, built.typing, sections)


def routes_of(built: Foundation) -> Iterator[Route]:
    """Yield every route of the server."""
    yield from discovery_routes(built.settings, built.key, clock_ms)
    yield from media_routes(built.settings, built.pool, built.reads, built.random)
    yield from session_routes(built)
    readers = room_readers(built.reads, built.queries, built.memory, built.loading, built.renderer, built.history)
    yield from room_routes(built.settings, built.pool, built.loading, readers)
    yield from person_routes(built.pool, built.loading, built.reads, built.profile_spread)
    yield from encryption_routes(built.pool, built.memory, built.loading, built.encryption, built.sign_ins.interactive)
    yield from sync_routes(built)


def sync_routes(built: Foundation) -> Iterator[Route]:
    """Yield syncing, and how far people have read."""
    deliveries = Deliveries(built.reads, built.queries, built.memory, built.loading, built.tails)
    filters = KnownFilters(StoredFilters(built.reads).definition)
    to_device = built.encryption.to_device
    yield from SyncEndpoint(
        sync_of(built), built.loading, deliveries, built.deliveries, to_device, filters, clock_ms
    ).routes()
    read_events = ReadEvents(built.reads, built.memory, built.tails)
    yield from reading_routes(built.pool, built.loading, built.receipts, read_events, built.typing, clock_ms)


def session_routes(built: Foundation) -> Iterator[Route]:
    """Yield accounts, sign-in, sessions, devices."""
    pool, parts, settings = built.pool, built.sign_ins, built.settings
    issuer, is_open = Issuer(built.random, clock_ms), settings.registration == "open"
    yield from Login(pool, parts.passwords, parts.accounts, issuer).routes()
    yield from Refresh(pool, built.tokens, issuer).routes()
    yield from Logout(pool).routes()
    yield from Devices(pool, parts.accounts, parts.last_seen, parts.interactive).routes()
    yield from AccountManagement(pool, parts.interactive, parts.hashing).routes()
    yield from Capabilities(settings.room_version).routes()
    yield from Register(
        pool, built.loading, parts.interactive, parts.hashing, issuer, settings.server_name, is_open
    ).routes()


def edge_of(built: Foundation) -> Edge:
    """Build what stands around the routes."""
    tokens = TokenCheck(built.tokens, built.freshness, built.pool, built.sign_ins.last_seen)
    proxies = Proxies(built.settings.trusted_proxies)
    return Edge(tokens, built.limits, proxies, Traffic(), time.perf_counter)


async def listen(built: Foundation, bound: socket, stopping: Stopping) -> None:
    """Answer requests until told to stop; then whoever waits is answered, and what was sent becomes durable."""
    edge, watched = edge_of(built), watched_of(built)
    health = health_of(watched, edge, clock_ms, time.monotonic)
    routes = (*routes_of(built), *health.routes(), *metrics_of(watched, edge, health).routes())
    server = server_of(Application(Routes(routes), edge), built.settings, built.waiters.dismiss)
    stopping.calls(server.stop)
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(run) for run in (*endless(built), health.watch())]
        await server.serve([bound])
        if stopping.count < 2:
            await settle(built.pool, (built.receipts, built.deliveries))
        for task in running:
            task.cancel()


def watched_of(built: Foundation) -> Watched:
    """Return what health and metrics look at."""
    return Watched(
        log=built.log,
        memory=built.memory,
        pool=built.pool,
        writer=built.writer,
        tail=built.tail,
        tails=built.tails,
        waiters=built.waiters,
    )


def endless(built: Foundation) -> Iterator[Coroutine[None, None, None]]:
    """Yield what runs for as long as the server does."""
    yield built.pool.run()
    yield built.receipts.run()
    yield built.deliveries.run()
    yield built.unloaded_rooms.run()
    yield built.departures.run(built.pool.submit)
    yield SupersededErasure(built.pool.submit, SupersededBodies(built.reads), clock_ms).run()
    yield built.sign_ins.refusals.run(built.pool.submit)
    yield built.sign_ins.last_seen.run()
    yield built.profile_spread.run()
    yield built.signals.run()
    yield built.encryption.sharing.run()
    yield built.tail.run(built.pool.catch_up)
