"""Own figures of daily use, without peers: `python -m bench.daily [topic ...]` keeps their section of `RESULTS.md`.

A topic is one module here with `async def rows(place: Path) -> list[Row]`; `place` is an empty directory of its own.
"""

from __future__ import annotations

import msgspec


class Row(msgspec.Struct, frozen=True):
    """One line of the table, in words: `figure` and `goal` with their units, `how` it was measured and on how much."""

    what: str
    figure: str
    goal: str
    how: str
