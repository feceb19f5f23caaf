"""Syncing, and how far people have read."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.api.receipts.receipts import Receipts as PostReceipts
from myelin.api.receipts.typing import SetTyping
from myelin.api.syncing.sync import SyncEndpoint
from myelin.http.routes import Route
from myelin.stores.filters import StoredFilters
from myelin.sync.deliveries import Deliveries
from myelin.sync.known_filters import KnownFilters
from myelin.sync.read_events import ReadEvents
from myelin.wiring.clock import clock_ms
from myelin.wiring.foundation import Foundation
from myelin.wiring.sync import sync_of


def sync_routes(built: Foundation) -> Iterator[Route]:
    """Yield syncing, and how far people have read."""
    deliveries = Deliveries(built.reads, built.queries, built.memory, built.loading, built.tails)
    filters = KnownFilters(StoredFilters(built.reads).definition)
    to_device = built.encryption.to_device
    yield from SyncEndpoint(
        sync_of(built), built.loading, deliveries, built.deliveries, to_device, filters, clock_ms
    ).routes()
    read_events = ReadEvents(built.reads, built.memory, built.tails)
    yield from PostReceipts(built.pool, built.loading, built.receipts, read_events, clock_ms).routes()
    yield from SetTyping(built.loading, built.typing).routes()
