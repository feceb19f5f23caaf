"""Tasks that run for ever end when they are told to, even at the moment in which something arrives."""

from __future__ import annotations

import asyncio

import pytest

from myelin.append.collector import Collector, record_deliveries
from myelin.append.proposal import Proposal
from myelin.entries.items import Delivery


@pytest.mark.parametrize("steps", range(5))
def test_a_collector_stops_at_the_moment_in_which_it_is_full(steps: int) -> None:
    async def story() -> None:
        async def submit(_proposal: Proposal[None]) -> None:
            return None

        collector: Collector[Delivery] = Collector(submit, record_deliveries, wait_s=60)
        running = asyncio.create_task(collector.run())
        collector.add(Delivery(1, 2, 3, 4, 5))
        for _ in range(3):
            await asyncio.sleep(0)
        # Full and stopped within a few steps of the loop: neither may hide the other.
        for number in range(600):
            collector.add(Delivery(1, 2, 3, 4, number))
        for _ in range(steps):
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(running, 5)

    asyncio.run(story())
