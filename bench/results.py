"""All that was measured, and its medians."""

from __future__ import annotations

import math
from statistics import median

import msgspec

from bench.assignment import Figure, Outcome
from bench.rows import ROWS

BROKEN_PROMISES = ("lost", "doubled", "reordered")


class Measured(msgspec.Struct, frozen=True):
    """The outcome of one row on one server in one round."""

    server: str
    round: int
    outcome: Outcome


class Results:
    """Outcomes in the order in which they were measured."""

    def __init__(self) -> None:
        self.measured: list[Measured] = []

    def add(self, server: str, round_number: int, outcome: Outcome) -> None:
        self.measured.append(Measured(server, round_number, outcome))

    def values(self, server: str, row: str, name: str) -> list[float]:
        """One for each round."""
        return [
            figure.value
            for measured in self.measured
            if measured.server == server and measured.outcome.row == row
            for figure in measured.outcome.figures
            if figure.name == name
        ]

    def median(self, server: str, row: str, name: str) -> float:
        values = self.values(server, row, name)
        return median(values) if values else math.nan

    def figures(self) -> list[tuple[str, str]]:
        """Row and name of every figure, rows in the order of their table."""
        found = {(m.outcome.row, figure.name): None for m in self.measured for figure in m.outcome.figures}
        order = list(ROWS)
        return sorted(found, key=lambda pair: order.index(pair[0]))

    def servers(self) -> list[str]:
        return list(dict.fromkeys(measured.server for measured in self.measured))

    def failures(self) -> list[Measured]:
        return [measured for measured in self.measured if measured.outcome.failure]

    def total(self, server: str, names: tuple[str, ...]) -> int:
        """The sum of these figures over all rows and rounds."""
        return round(sum(figure.value for figure in self._figures_of(server) if figure.name in names))

    def busiest_load(self) -> float:
        """The largest share of its core that the load generator used."""
        shares = [f.value for m in self.measured for f in m.outcome.figures if f.name == "load_core_share"]
        return max(shares, default=math.nan)

    def _figures_of(self, server: str) -> list[Figure]:
        return [figure for m in self.measured if m.server == server for figure in m.outcome.figures]
