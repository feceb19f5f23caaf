"""Health and metrics."""

from __future__ import annotations

import time
from collections.abc import Iterator

from myelin.admin.health import Figures, Health
from myelin.admin.metrics import Metrics, Reading
from myelin.http.application import Edge
from myelin.wiring.clock import clock_ms
from myelin.wiring.foundation import Foundation


def health_of(built: Foundation, edge: Edge) -> Health:
    """Build the check of health."""
    figures = Figures(lambda: built.memory.head, lambda: built.tail.process_count)
    return Health(built.log, figures, edge.proxies, clock_ms, time.monotonic)


def metrics_of(built: Foundation, edge: Edge, health: Health) -> Metrics:
    """Build the metrics."""
    return Metrics(edge.traffic, readings(built, health), edge.proxies)


def readings(built: Foundation, health: Health) -> Iterator[Reading]:
    """Yield what is counted where, under its name."""
    writer, pool, memory, waiters = built.writer, built.pool, built.memory, built.waiters
    yield Reading("myelin_head", "The last position of the log seen here.", lambda: memory.head)
    yield Reading("myelin_appended_batches", "Batches appended.", lambda: writer.batches, True)
    yield Reading("myelin_appended_entries", "Entries appended.", lambda: writer.entries, True)
    yield Reading("myelin_append_seconds", "Time spent appending.", lambda: writer.seconds, True)
    yield Reading("myelin_append_failures", "Appends that failed.", lambda: writer.failures, True)
    yield Reading("myelin_pool_waiting", "Proposals that wait for a batch.", lambda: pool.waiting)
    yield Reading("myelin_waiters", "Requests that wait for news.", lambda: len(waiters))
    yield Reading("myelin_tails_bytes", "Memory of the latest entries of rooms.", lambda: built.tails.size_bytes)
    yield Reading("myelin_processes", "Server processes on this log.", lambda: built.tail.process_count)
    yield Reading("myelin_healthy", "1 where health finds nothing wrong.", lambda: not health.latest.problems)
    yield Reading("myelin_clock_difference_ms", "How far the database's clock is ahead.", lambda: difference_ms(health))


def difference_ms(health: Health) -> int:
    return health.latest.clock_difference_ms or 0
