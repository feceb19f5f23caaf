"""The last writes of a process that stops: what waits for company goes without, and what was sent is awaited."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

from myelin.append.collector import Collector
from myelin.append.pool import Pool
from myelin.append.proposal import Proposal
from myelin.matrix.errors import MatrixError

SETTLE_S = 5

logger = logging.getLogger(__name__)


async def settle(pool: Pool, collectors: Iterable[Collector[Any]], timeout_s: float = SETTLE_S) -> None:
    """Wait until what was collected, and what stands before it in the pool, is durable; but not for ever."""
    try:
        async with asyncio.timeout(timeout_s):
            for collector in collectors:
                await collector.flush()
            # It changes nothing, and is answered after everything before it.
            await pool.submit(Proposal(lambda turn: None))
    except (TimeoutError, MatrixError):
        logger.warning("the database did not take the last writes in time")
