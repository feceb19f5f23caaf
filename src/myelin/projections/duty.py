"""What the log says of duties, read back: the plans that still count, and who of their people has left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

import asyncpg
import msgspec

from myelin.entries.duty_plan import DutyPlan
from myelin.schema.queries import load_queries

_plan = msgspec.json.Decoder(DutyPlan)


class DutyReader:
    """Reads plans of duties."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.projections", "duty.sql")

    async def plans(self, since: int) -> Sequence[DutyPlan]:
        """Return what counts of each plan in the order of the log; rosters that ended by `since` (ms) are left out."""
        rows = await self._pool.fetch(self._queries["duty_parts"], since)
        roles, rosters = by_position(rows, "role"), by_position(rows, "roster")
        bodies = await self._pool.fetch(self._queries["duty_bodies"], sorted({*roles, *rosters}))
        return [part(_plan.decode(row["body"]), roles[row["position"]], rosters[row["position"]]) for row in bodies]

    async def gone(self, user_ids: Collection[str]) -> frozenset[str]:
        """Return those of these people who have left the directory, or whose account is closed."""
        rows = await self._pool.fetch(self._queries["gone"], list(user_ids))
        return frozenset(row["user_id"] for row in rows)


def by_position(rows: Sequence[asyncpg.Record], part: str) -> defaultdict[int, set[str]]:
    found: defaultdict[int, set[str]] = defaultdict(set)
    for row in rows:
        if row["part"] == part:
            found[row["position"]].add(row["role"])
    return found


def part(plan: DutyPlan, roles: Collection[str], rosters: Collection[str]) -> DutyPlan:
    """Return of a plan what it says of these roles, and their rosters."""
    return DutyPlan(
        tuple(role for role in plan.roles if role.role in roles),
        tuple(roster for roster in plan.rosters if roster.role in rosters),
    )
