"""A clock tick exact to some tens of microseconds: uvloop's own timers round to whole milliseconds."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MONOTONIC = 1
NON_BLOCKING_AND_CLOSED_ON_EXEC = os.O_NONBLOCK | os.O_CLOEXEC
ABSOLUTE = 1


async def ticks(start_s: float, interval_s: float, count: int) -> AsyncIterator[float]:
    """The times start, start + interval, ...: each is given out when it has come, late ones at once."""
    descriptor = open_timer(start_s, interval_s)
    arrived = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, arrived.set)
    try:
        given = 0
        while given < count:
            await arrived.wait()
            arrived.clear()
            for _ in range(min(expirations(descriptor), count - given)):
                yield start_s + given * interval_s
                given += 1
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def open_timer(start_s: float, interval_s: float) -> int:
    library = ctypes.CDLL(None, use_errno=True)
    descriptor = int(library.timerfd_create(MONOTONIC, NON_BLOCKING_AND_CLOSED_ON_EXEC))
    specification = struct.pack("qqqq", *seconds_and_nanoseconds(interval_s), *seconds_and_nanoseconds(start_s))
    if descriptor < 0 or library.timerfd_settime(descriptor, ABSOLUTE, specification, None) != 0:
        raise OSError(ctypes.get_errno(), "no kernel timer")
    return descriptor


def seconds_and_nanoseconds(time_s: float) -> tuple[int, int]:
    return divmod(round(time_s * 1e9), 1_000_000_000)


def expirations(descriptor: int) -> int:
    with contextlib.suppress(BlockingIOError):
        return int.from_bytes(os.read(descriptor, 8), "little")
    return 0
