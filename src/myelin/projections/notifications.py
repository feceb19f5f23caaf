"""What notified a person, or may have: over all of their rooms, the latest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import asyncpg
import msgspec

from myelin.entries.entry import Entry
from myelin.entries.rows import entry_from_row
from myelin.schema.queries import load_queries
from myelin.state.user import User


class Noticed(msgspec.Struct, frozen=True, gc=False):
    """An event, and what it is to the person (see `rules.outcomes`), before muted rooms are looked at.

    `is_left_out`: their own, an ignored person's, or redacted.
    """

    position: int
    room_id: str
    thread: str
    outcome: int
    is_left_out: bool


class Notifications:
    """Reads what notified people."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.projections", "notifications.sql")

    async def latest(self, user: User, after: int, upto: int, limit: int) -> list[Noticed]:
        """Return at most `limit` candidates within `(after, upto]`, newest first; fewer where there are no more."""
        rooms = user.rooms_with("join")
        rows = await self._pool.fetch(
            self._queries["noticed"],
            user.user_id,
            rooms,
            [max(user.rooms[name].since, after) for name in rooms],
            [name in user.muted for name in rooms],
            upto,
            [user.user_id, *user.ignored],
            limit,
        )
        return [Noticed(**row) for row in rows]

    async def entries(self, noticed: Sequence[Noticed]) -> Mapping[int, Entry]:
        """Return the entries of these events by position."""
        rows = await self._pool.fetch(self._queries["entries_at"], [each.position for each in noticed])
        return {row["position"]: entry_from_row(row) for row in rows}
