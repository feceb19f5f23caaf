"""Locked devices: what opens them, and what they may know meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.api.myelin.alerts import AlertsEndpoint
from myelin.api.myelin.device_lock import DeviceLockEndpoints
from myelin.api.session.token_check import TokenCheck
from myelin.http.routes import Route
from myelin.stores.device_locks import DeviceLocks
from myelin.sync.alerts import Alerts
from myelin.sync.unread import AudibleCounts, Unread
from myelin.wiring.foundation import Foundation


def lock_routes(built: Foundation) -> Iterator[Route]:
    """Yield the locks of devices, and the alerts of those that are locked."""
    locks = DeviceLocks(built.reads)
    yield from DeviceLockEndpoints(built.pool, locks, built.limits, built.random).routes()
    counts = AudibleCounts(Unread(built.reads), built.memory, built.loading, built.tails)
    tokens = TokenCheck(built.tokens, built.freshness, built.pool, built.sign_ins.last_seen)
    yield from AlertsEndpoint(Alerts(built.loading, built.waiters, counts), locks, tokens).routes()
