"""Where the projections differ from what the log accounts for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import asyncpg
import msgspec

from myelin.audit.report import Faults
from myelin.schema.queries import load_queries

ROWS_NAMED = 100


class Difference(msgspec.Struct, frozen=True):
    """A projection, how many of its rows are missing and how many should not be there, and positions of some."""

    projection: str
    missing: int
    surplus: int
    positions: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.projection}: {self.missing} rows missing or wrong, {self.surplus} wrong or too many"


async def differences(connection: asyncpg.Connection, shadow: str) -> list[Difference]:
    """Return the projections that differ from their shadow, in one snapshot with it."""
    rows = await connection.fetch(load_queries("myelin.audit")["differing_rows"], shadow, ROWS_NAMED)
    return [difference(name, list(of_table)) for name, of_table in groupby(rows, lambda row: str(row["projection"]))]


def difference(projection: str, rows: Sequence[asyncpg.Record]) -> Difference:
    totals = {row["is_due"]: row["total"] for row in rows}
    positions = tuple(sorted({row["position"] for row in rows if row["position"] is not None}))
    return Difference(projection, totals.get(True, 0), totals.get(False, 0), positions)


async def add_differences(connection: asyncpg.Connection, shadow: str, faults: Faults) -> None:
    """Note every row in which a projection differs from its shadow, by the position that the row carries."""
    for found in await differences(connection, shadow):
        for position, what, count in described(found):
            faults.add(position, what, count)


def described(found: Difference) -> Iterator[tuple[int, str, int]]:
    """Yield a fault for each position that is named; the last one counts for those that are not."""
    total = max(found.missing, found.surplus, len(found.positions))
    for index, position in enumerate(found.positions):
        count = 1 if index + 1 < len(found.positions) else total - index
        yield position, f"the projection {found.projection} is not what the log makes of it", count
