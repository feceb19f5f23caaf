"""What visibility needs: a person's memberships through time, and a room's history visibility through time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import asyncpg
import msgspec
import orjson

from myelin.rules.visibility import HistoryVisibility, MembershipInterval, history_visibility_of
from myelin.schema.queries import Queries


class VisibilitySet(msgspec.Struct, frozen=True):
    """From `position` on, the room's history is visible like this."""

    position: int
    visibility: HistoryVisibility


class HistoryFacts:
    """Asks the two tables of the past: memberships and state deltas."""

    def __init__(self, pool: asyncpg.Pool, queries: Queries) -> None:
        self._pool = pool
        self._queries = queries

    async def memberships(self, user_id: str, rooms: Sequence[str]) -> Mapping[str, Sequence[MembershipInterval]]:
        """Return the person's memberships by room, oldest first."""
        intervals: dict[str, list[MembershipInterval]] = {}
        for row in await self._pool.fetch(self._queries["membership_intervals"], user_id, rooms):
            interval = MembershipInterval(row["membership"], row["from_position"], row["to_position"])
            intervals.setdefault(row["room_id"], []).append(interval)
        return intervals

    async def visibilities(self, rooms: Sequence[str]) -> Mapping[str, Sequence[VisibilitySet]]:
        """Return every history visibility by room, oldest first."""
        changes: dict[str, list[VisibilitySet]] = {}
        for row in await self._pool.fetch(self._queries["history_visibilities"], rooms):
            visibility = history_visibility_of(orjson.loads(row["body"])["content"])
            changes.setdefault(row["room_id"], []).append(VisibilitySet(row["position"], visibility))
        return changes


def visibilities_around(changes: Sequence[VisibilitySet], position: int) -> frozenset[HistoryVisibility]:
    """Return what held at a position: two where the event there changed it, one otherwise."""
    before: HistoryVisibility = "shared"
    for change in changes:
        if change.position > position:
            break
        if change.position == position:
            return frozenset((before, change.visibility))
        before = change.visibility
    return frozenset((before,))
