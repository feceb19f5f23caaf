"""Delayed events: where they are kept, and what sends them."""

from __future__ import annotations

import asyncpg
import msgspec

from myelin.actions.delayed_events import DelayedSends
from myelin.append.pool import Pool
from myelin.stores.delayed_events import DelayedEvents
from myelin.wiring.clock import clock_ms


class Delayed(msgspec.Struct, frozen=True):
    """What waits, and what sends it."""

    events: DelayedEvents
    sends: DelayedSends


def delayed_of(reads: asyncpg.Pool, pool: Pool) -> Delayed:
    """Build what keeps and sends delayed events."""
    events = DelayedEvents(reads)
    return Delayed(events, DelayedSends(pool.submit, events, clock_ms))
