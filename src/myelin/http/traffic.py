"""What was asked and how it went: counted on the way out, in one look-up and two additions."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

import msgspec

BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0)


class Tally(msgspec.Struct):
    """The answers of one route with one status; `counts` are those up to each of `BOUNDS_S`, and the rest."""

    counts: list[int]
    seconds: float = 0.0


class Traffic:
    """Tallies by method, route and status. A route is named by its pattern, never by what was asked."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str, int], Tally] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        key = (method, route, status)
        tally = self._tallies.get(key)
        if tally is None:
            tally = self._tallies[key] = Tally([0] * (len(BOUNDS_S) + 1))
        tally.counts[bisect_left(BOUNDS_S, seconds)] += 1
        tally.seconds += seconds

    def __iter__(self) -> Iterator[tuple[tuple[str, str, int], Tally]]:
        return iter(list(self._tallies.items()))
