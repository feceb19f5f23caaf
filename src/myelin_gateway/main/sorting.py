"""From the inbox to the outbox: each message becomes cards, or something that somebody must look at."""

from __future__ import annotations

import asyncio
import logging
from asyncio import Event
from collections.abc import Callable

from myelin_gateway.delivery import Sorted, Store, StoreUnavailable, Unsorted

GROUP = 64
# What another process put there, or a wake-up that was lost, is found after so long.
LOOK_S = 5.0
AGAIN_S = 1.0

# Pure: the same message gives the same cards, so a crash between two steps changes nothing.
Sort = Callable[[Unsorted], Sorted]

logger = logging.getLogger(__name__)


class Sorting:
    """One worker in order of arrival, so that what is said of a patient later is never sent earlier."""

    def __init__(self, store: Store, sort: Sort, now: Callable[[], int], arrived: Event, settled: Callable[[], None]):
        self._store, self._sort, self._now = store, sort, now
        self._arrived, self._settled = arrived, settled

    async def work(self) -> None:
        """Sort whatever comes, until cancelled."""
        while True:
            try:
                if not await self.sort_some():
                    await woken(self._arrived, LOOK_S)
            except StoreUnavailable as error:
                logger.error("the store does not answer: %s", error)
                await asyncio.sleep(AGAIN_S)

    async def sort_some(self) -> int:
        """Settle the next messages, and return how many there were."""
        self._arrived.clear()
        found = await self._store.unsorted(GROUP)
        if found:
            await self._store.settle([self._sorted(each) for each in found], self._now())
            self._settled()
        return len(found)

    def _sorted(self, each: Unsorted) -> Sorted:
        try:
            return self._sort(each)
        except Exception as error:
            # Without its text, which may repeat the message. Only this message stops: it is looked at and replayed.
            logger.exception("message %d could not be mapped: %s", each.inbox_id, type(error).__name__, exc_info=False)
            return Sorted(each.inbox_id, state="dead", reason=f"mapping: {type(error).__name__}")


async def woken(event: Event, limit_s: float) -> None:
    """Return when an event is set, or after a while."""
    try:
        async with asyncio.timeout(limit_s):
            await event.wait()
    except TimeoutError:
        pass
