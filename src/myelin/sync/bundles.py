"""What is bundled with an event (client-server API, "Aggregations of child events"): edit, thread, references.

Asked only for events that something relates to. What a viewer may not see, an ignored person's and what is redacted
is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import asyncpg
import msgspec

from myelin.rules.relations import OWN_LIMIT
from myelin.schema.queries import load_queries

Row: TypeAlias = Mapping[str, Any]

# Everything is there page by page at /relations; so many are enough to see that there are many.
REFERENCES_LIMIT = 100
# So many messages of a thread are counted for somebody who does not see all of it; nobody reads on to tell the rest.
COUNTED_LIMIT = 10_000


class Sight(msgspec.Struct, frozen=True):
    """What a viewer sees: events within the ranges (room, first, last), and not those of whom they ignore."""

    viewer_id: str
    ignored: frozenset[str]
    ranges: Sequence[tuple[str, int, int]]


class ThreadSummary(msgspec.Struct, frozen=True):
    """A thread: its latest message, how many it has, and whether the viewer takes part."""

    latest: Row
    count: int
    took_part: bool


class Bundles(msgspec.Struct, frozen=True):
    """What is bundled, by the event that it relates to."""

    edits: Mapping[str, Row]
    threads: Mapping[str, ThreadSummary]
    references: Mapping[str, Sequence[str]]


NOTHING = Bundles({}, {}, {})


class BundleReader:
    """Reads what relates to events."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.sync", "bundles.sql")

    async def of(self, rows: Iterable[Row], sight: Sight) -> Bundles:
        """Return what is bundled with the events of these rows, and with the latest messages of their threads."""
        wanted = related(rows)
        if not wanted:
            return NOTHING
        threads = await self._threads(wanted, sight)
        latest = related(summary.latest for summary in threads.values())
        return Bundles(
            edits=await self._edits([*wanted, *latest], sight),
            threads=threads,
            references=await self._references(wanted, sight),
        )

    async def _edits(self, wanted: Sequence[str], sight: Sight) -> dict[str, Row]:
        rows = await self._pool.fetch(self._queries["edits"], wanted, *seen(sight), OWN_LIMIT)
        return {row["original"]: row for row in rows}

    async def _threads(self, wanted: Sequence[str], sight: Sight) -> dict[str, ThreadSummary]:
        rows = await self._pool.fetch(self._queries["threads"], wanted, *seen(sight), sight.viewer_id, COUNTED_LIMIT)
        return {row["root"]: ThreadSummary(row, row["count"], row["took_part"]) for row in rows}

    async def _references(self, wanted: Sequence[str], sight: Sight) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in await self._pool.fetch(self._queries["references"], wanted, *seen(sight), REFERENCES_LIMIT):
            found.setdefault(row["referred"], []).append(row["event_id"])
        return found


def related(rows: Iterable[Row]) -> list[str]:
    """Return the events that something relates to."""
    return [row["event_id"] for row in rows if row["has_relations"]]


def seen(sight: Sight) -> tuple[list[str], list[str], list[int], list[int]]:
    """Return what a viewer sees, as the queries take it."""
    rooms, firsts, lasts = zip(*sight.ranges, strict=True) if sight.ranges else ((), (), ())
    return list(sight.ignored), list(rooms), list(firsts), list(lasts)
