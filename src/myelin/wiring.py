"""The composition root's second half: what stands at the edges of the API, built from what `main` has built."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import asyncpg
import msgspec

from myelin.admin.health import Figures, Health
from myelin.admin.metrics import Metrics, Reading
from myelin.api.discovery.front_page import FrontPage
from myelin.api.discovery.server_keys import ServerKeys
from myelin.api.discovery.versions import versions_routes
from myelin.api.discovery.well_known import WellKnown
from myelin.api.media.download import Download
from myelin.api.media.upload import Upload
from myelin.api.voip.turn_server import Relay, TurnServer
from myelin.append.measured import MeasuredWriter
from myelin.append.memory import Memory
from myelin.append.pool import Pool
from myelin.http.application import Edge
from myelin.http.routes import Route
from myelin.log.log import Log
from myelin.log.tail import Tail
from myelin.matrix.signing import SigningKey
from myelin.media.catalogue import Catalogue
from myelin.media.files import Files
from myelin.settings import Settings
from myelin.sync.tails import Tails
from myelin.sync.waiters import Waiters


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """What health and metrics look at."""

    log: Log
    memory: Memory
    pool: Pool
    writer: MeasuredWriter
    tail: Tail
    tails: Tails
    waiters: Waiters


def discovery_routes(settings: Settings, key: SigningKey, clock_ms: Callable[[], int]) -> Iterator[Route]:
    """Yield what is asked before anybody signs in, and where calls find their relay."""
    yield from FrontPage().routes()
    yield from versions_routes()
    yield from WellKnown(settings.public_url).routes()
    yield from ServerKeys(settings.server_name, key, clock_ms).routes()
    yield from TurnServer(relay_of(settings), clock_ms).routes()


def relay_of(settings: Settings) -> Relay | None:
    """Return the relay for calls, None where the site has none."""
    if not settings.turn_uris or settings.turn_secret is None:
        return None
    return Relay(settings.turn_uris, settings.turn_secret, settings.turn_ttl_seconds)


def media_routes(
    settings: Settings, pool: Pool, reads: asyncpg.Pool, random: Callable[[int], bytes]
) -> Iterator[Route]:
    """Yield files, uploaded and downloaded."""
    files = Files(settings.data_dir / "media", random)
    files.prepare()
    yield from Upload(pool, files, settings.server_name, settings.upload_limit_bytes, random).routes()
    yield from Download(Catalogue(reads), files, settings.server_name).routes()


def health_of(watched: Watched, edge: Edge, clock_ms: Callable[[], int], clock_s: Callable[[], float]) -> Health:
    """Build the check of health."""
    figures = Figures(lambda: watched.memory.head, lambda: watched.tail.process_count)
    return Health(watched.log, figures, edge.proxies, clock_ms, clock_s)


def metrics_of(watched: Watched, edge: Edge, health: Health) -> Metrics:
    """Build the metrics."""
    return Metrics(edge.traffic, readings(watched, health), edge.proxies)


def readings(watched: Watched, health: Health) -> Iterator[Reading]:
    """Yield what is counted where, under its name."""
    writer, pool, memory, waiters = watched.writer, watched.pool, watched.memory, watched.waiters
    yield Reading("myelin_head", "The last position of the log seen here.", lambda: memory.head)
    yield Reading("myelin_appended_batches", "Batches appended.", lambda: writer.batches, True)
    yield Reading("myelin_appended_entries", "Entries appended.", lambda: writer.entries, True)
    yield Reading("myelin_append_seconds", "Time spent appending.", lambda: writer.seconds, True)
    yield Reading("myelin_append_failures", "Appends that failed.", lambda: writer.failures, True)
    yield Reading("myelin_pool_waiting", "Proposals that wait for a batch.", lambda: pool.waiting)
    yield Reading("myelin_waiters", "Requests that wait for news.", lambda: len(waiters))
    yield Reading("myelin_tails_bytes", "Memory of the latest entries of rooms.", lambda: watched.tails.size_bytes)
    yield Reading("myelin_processes", "Server processes on this log.", lambda: watched.tail.process_count)
    yield Reading("myelin_healthy", "1 where health finds nothing wrong.", lambda: not health.latest.problems)
    yield Reading("myelin_clock_difference_ms", "How far the database's clock is ahead.", lambda: difference_ms(health))


def difference_ms(health: Health) -> int:
    return health.latest.clock_difference_ms or 0
