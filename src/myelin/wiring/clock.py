"""The clock of the process; everybody else is given the time."""

from __future__ import annotations

import time


def clock_ms() -> int:
    """Return the time of day in ms."""
    return time.time_ns() // 1_000_000
