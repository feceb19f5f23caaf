"""The composition root: builds every object, starts every task, stops them in order. Nobody else builds."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from socket import socket

from myelin.actions.erase import SupersededErasure
from myelin.api.session.token_check import TokenCheck
from myelin.append.settling import settle
from myelin.engine import embedded_engine
from myelin.http.application import Application, Edge
from myelin.http.journal import configure_logging, note_unhandled
from myelin.http.proxies import Proxies
from myelin.http.routes import Route, Routes
from myelin.http.server import allow_connections, bound_socket, server_of
from myelin.http.stopping import Stopping
from myelin.http.traffic import Traffic
from myelin.log.opening import prepare
from myelin.projections.superseded import SupersededBodies
from myelin.schema.connections import close_pool, open_pool
from myelin.settings import Listen, Settings
from myelin.wiring.clock import clock_ms
from myelin.wiring.encrypted import Encrypted, encryption
from myelin.wiring.foundation import Foundation, build
from myelin.wiring.routes.discovery import discovery_routes
from myelin.wiring.routes.encryption import encryption_routes
from myelin.wiring.routes.evidence import evidence_routes
from myelin.wiring.routes.locks import lock_routes
from myelin.wiring.routes.media import media_routes
from myelin.wiring.routes.people import person_routes
from myelin.wiring.routes.push import push_routes
from myelin.wiring.routes.rooms import room_routes
from myelin.wiring.routes.sessions import session_routes
from myelin.wiring.routes.staff import staff_routes
from myelin.wiring.routes.syncing import sync_routes
from myelin.wiring.watching import health_of, metrics_of

LOOK_FOR_SERVERS_S = 1.0

AREAS: Sequence[Callable[[Foundation], Iterator[Route]]] = (
    discovery_routes,
    media_routes,
    session_routes,
    lock_routes,
    room_routes,
    person_routes,
    encryption_routes,
    sync_routes,
    evidence_routes,
    push_routes,
    staff_routes,
)


Beside = Callable[[Foundation], Coroutine[None, None, None]]


async def serve(settings: Settings, beside: Beside | None = None) -> None:
    """Run the server until SIGTERM or SIGINT ends it; SettingsError where it cannot start as it is told.

    What `beside` makes runs for as long as the server does.
    """
    configure_logging(settings.log_level)
    allow_connections()
    # Tasks and frames come and go by the thousand, hardly ever in cycles: to look for those at Python's pace costs 5 %.
    gc.set_threshold(10_000, 20, 50)
    asyncio.get_running_loop().set_exception_handler(note_unhandled)
    # The address first: a second server on it ends here, before it touches anything.
    with bound_sockets(settings.listen) as bound, Stopping() as stopping, encryption(settings) as encrypted:
        async with database(settings) as url, foundation(settings, url) as built:
            await listen(built, bound, stopping, encrypted, beside)


@contextmanager
def bound_sockets(addresses: Sequence[Listen]) -> Iterator[list[socket]]:
    """Yield a socket for each address, and close them; SettingsError where one cannot be had."""
    with ExitStack() as opened:
        yield [opened.enter_context(bound_socket(each)) for each in addresses]


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
        running = [asyncio.ensure_future(run) for run in (*appending(built), work_alone(built))]
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


def routes_of(built: Foundation) -> Iterator[Route]:
    """Yield every route of the server."""
    for area in AREAS:
        yield from area(built)


def edge_of(built: Foundation) -> Edge:
    """Build what stands around the routes."""
    tokens = TokenCheck(built.tokens, built.freshness, built.pool, built.sign_ins.last_seen)
    proxies = Proxies(built.settings.trusted_proxies)
    return Edge(tokens, built.limits, proxies, Traffic(), time.perf_counter)


async def listen(
    built: Foundation, bound: Sequence[socket], stopping: Stopping, encrypted: Encrypted, beside: Beside | None
) -> None:
    """Answer requests until told to stop; then whoever waits is answered, and what was sent becomes durable."""
    edge = edge_of(built)
    health = health_of(built, edge)
    routes = (*routes_of(built), *encrypted.routes(), *health.routes(), *metrics_of(built, edge, health).routes())
    server = server_of(Application(Routes(routes), edge), encrypted.context, built.waiters.dismiss)
    stopping.calls(server.stop)
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(run) for run in (*endless(built), *encrypted.endless(edge), health.watch())]
        if beside is not None:
            running.append(tasks.create_task(beside(built)))
        await server.serve(bound)
        if stopping.count < 2:
            await settle(built.pool, (built.receipts, built.deliveries))
        for task in running:
            task.cancel()


async def work_alone(built: Foundation) -> None:
    """Do what servers do behind everybody's work, for as long as there is no server beside this command."""
    # A second process that appends would only make both of them propose again. The log's own tail counts processes
    # every second; nothing is told of their end sooner.
    while not built.tail.alone:  # noqa: ASYNC110
        await asyncio.sleep(LOOK_FOR_SERVERS_S)
    async with asyncio.TaskGroup() as tasks:
        for work in working(built):
            tasks.create_task(work)


def endless(built: Foundation) -> Iterator[Coroutine[None, None, None]]:
    """Yield what runs for as long as the server does."""
    yield from appending(built)
    yield from working(built)


def appending(built: Foundation) -> Iterator[Coroutine[None, None, None]]:
    """Yield what reads and writes the log, in every process."""
    yield built.pool.run()
    yield built.receipts.run()
    yield built.deliveries.run()
    yield built.unloaded_rooms.run()
    yield built.signals.run()
    yield built.encryption.sharing.run()
    yield built.tail.run(built.pool.catch_up)


def working(built: Foundation) -> Iterator[Coroutine[None, None, None]]:
    """Yield what is done behind everybody's work, by servers."""
    yield built.departures.run(built.pool.submit)
    yield built.directory_rooms.run(built.pool.submit)
    yield SupersededErasure(built.pool.submit, SupersededBodies(built.reads), clock_ms).run()
    yield built.sign_ins.refusals.run(built.pool.submit)
    yield built.sign_ins.last_seen.run()
    yield built.encryption.messages.run()
    yield built.profile_spread.run()
    yield built.directory.carrying.run()
    yield built.delayed.sends.run()
    yield built.push.delivery.run()
