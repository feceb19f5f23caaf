"""Small things that wait for company: receipts and deliveries, many of them in one batch entry."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import DeliveriesRecorded, ReceiptsRecorded
from myelin.entries.items import Delivery, Receipt
from myelin.matrix.errors import LimitExceeded, MatrixError

RECEIPTS_WAIT_S = 0.05
DELIVERIES_WAIT_S = 1.0
ITEMS_PER_ENTRY = 512
WAITING_LIMIT = 20_000

Item = TypeVar("Item")
Submit = Callable[[Proposal[None]], Awaitable[Any]]

logger = logging.getLogger(__name__)


class Collector(Generic[Item]):
    """Collects items until there are enough or the first has waited long enough, then appends one entry.

    What was collected and not appended is lost with the process: whoever waits in `record` learns it, and
    what was only added (deliveries) is stated by the next answer that the device takes.
    """

    def __init__(self, submit: Submit, propose: Callable[[tuple[Item, ...]], Proposal[None]], wait_s: float) -> None:
        self._submit = submit
        self._propose = propose
        self._wait_s = wait_s
        self._waiting: list[tuple[Item, asyncio.Future[None] | None]] = []
        self._arrived = asyncio.Event()
        self._enough = asyncio.Event()

    async def record(self, item: Item) -> None:
        """Add an item and wait until it is durable."""
        durable: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if len(self._waiting) >= WAITING_LIMIT:
            raise LimitExceeded("the server is busy; try again in a second", retry_after_ms=1000)
        self._put(item, durable)
        await asyncio.shield(durable)

    def add(self, item: Item) -> None:
        """Add an item that nobody waits for; dropped where far too many wait."""
        if len(self._waiting) < WAITING_LIMIT:
            self._put(item, None)

    async def run(self) -> None:
        """Append what was collected, for ever."""
        while True:
            await self._arrived.wait()
            # Not `wait_for`: it may swallow the cancellation that stops this task, where both come at once.
            with suppress(TimeoutError):
                async with asyncio.timeout(self._wait_s):
                    await self._enough.wait()
            await self.flush()

    async def flush(self) -> None:
        """Append one entry of what is waiting."""
        taken, self._waiting = self._waiting[:ITEMS_PER_ENTRY], self._waiting[ITEMS_PER_ENTRY:]
        self._enough.clear()
        if not self._waiting:
            self._arrived.clear()
        if not taken:
            return
        try:
            await self._submit(self._propose(tuple(item for item, _ in taken)))
        except MatrixError as refusal:
            logger.warning("%d receipts or deliveries were not recorded: %s", len(taken), refusal.errcode)
            for _, durable in taken:
                if durable is not None and not durable.done():
                    durable.set_exception(refusal)
            return
        for _, durable in taken:
            if durable is not None and not durable.done():
                durable.set_result(None)

    def _put(self, item: Item, durable: asyncio.Future[None] | None) -> None:
        self._waiting.append((item, durable))
        self._arrived.set()
        if len(self._waiting) >= ITEMS_PER_ENTRY:
            self._enough.set()


def record_receipts(receipts: tuple[Receipt, ...]) -> Proposal[None]:
    """Propose one entry of receipts."""

    def propose(turn: Turn) -> None:
        turn.emit(Draft(facts=ReceiptsRecorded(len(receipts)), items=receipts))

    return Proposal(propose)


def record_deliveries(deliveries: tuple[Delivery, ...]) -> Proposal[None]:
    """Propose one entry of deliveries."""

    def propose(turn: Turn) -> None:
        turn.emit(Draft(facts=DeliveriesRecorded(len(deliveries)), items=deliveries))

    return Proposal(propose)


def receipts_collector(submit: Submit) -> Collector[Receipt]:
    """Return the collector of receipts: at most 50 ms for company."""
    return Collector(submit, record_receipts, RECEIPTS_WAIT_S)


def deliveries_collector(submit: Submit) -> Collector[Delivery]:
    """Return the collector of deliveries: 512 or one second."""
    return Collector(submit, record_deliveries, DELIVERIES_WAIT_S)
