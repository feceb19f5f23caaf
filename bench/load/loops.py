"""The two ways to offer load: as fast as a few senders get answers, or at a rate that waits for nobody."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from bench.load.timer import ticks
from bench.load.ward import ONE_IN_EACH, Refused

if TYPE_CHECKING:
    from bench.load.record import Record
    from bench.load.ward import Sender, Spread, Ward


class Loop:
    """One load: how many sends it tried to make and how many were refused."""

    def __init__(self) -> None:
        self.refused = 0

    async def send(self, sender: Sender, number: int) -> None:
        try:
            await sender.send(number)
        except Refused:
            self.refused += 1


async def closed(ward: Ward, duration_s: float, spread: Spread = ONE_IN_EACH) -> Loop:
    """Every sender sends its next message when the last one was accepted."""
    loop, end_s = Loop(), time.monotonic() + duration_s
    await asyncio.gather(*(keep_sending(loop, sender, ward.record, end_s) for sender in ward.senders(spread)))
    return loop


async def keep_sending(loop: Loop, sender: Sender, record: Record, end_s: float) -> None:
    while (now_s := time.monotonic()) < end_s:
        await loop.send(sender, record.next_number(now_s))


async def opened(ward: Ward, rate: float, duration_s: float) -> Loop:
    """Messages at a fixed rate, the senders in turn; a slow answer delays no later message but its own sender's."""
    loop, senders = Loop(), ward.senders(ONE_IN_EACH)
    start_s = time.monotonic() + 0.05
    async with asyncio.TaskGroup() as sends:
        turn = 0
        async for due_s in ticks(start_s, 1 / rate, round(rate * duration_s)):
            sends.create_task(loop.send(senders[turn % len(senders)], ward.record.next_number(due_s)))
            turn += 1
    return loop
