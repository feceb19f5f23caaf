"""Whoever can be looked up: people of the directory, services, and accounts that the directory does not know."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import asyncpg
import msgspec

from myelin.projections.directory import Department, Person, person_of
from myelin.schema.queries import load_queries


class Known(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A living account and what it is called; `person` is None for whoever the directory does not know."""

    user_id: str
    is_service: bool
    display_name: str | None
    avatar_url: str | None
    person: Person | None


class KnownPeople:
    """Reads who can be looked up."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.projections", "known_people.sql")

    async def user_ids(self) -> Sequence[str]:
        """Return the ids of all who can be looked up."""
        return [row["user_id"] for row in await self._pool.fetch(self._queries["known_user_ids"])]

    async def known(self, user_ids: Collection[str], departments: Mapping[str, Department]) -> Sequence[Known]:
        """Return these people, as far as they can be looked up."""
        rows = await self._pool.fetch(self._queries["known_people"], list(user_ids))
        return [known_of(row, departments) for row in rows]

    async def people_by_department(self) -> Mapping[str, int]:
        """Return how many people work in each department that has any; a further post counts, too."""
        rows = await self._pool.fetch(self._queries["people_by_department"])
        return {row["department_id"]: row["people"] for row in rows}

    async def sharing_a_room(self, viewer: str, user_ids: Collection[str]) -> frozenset[str]:
        """Return those of these people who are in a room with the viewer."""
        rows = await self._pool.fetch(self._queries["sharing_a_room"], viewer, list(user_ids))
        return frozenset(row["user_id"] for row in rows)


def known_of(row: asyncpg.Record, departments: Mapping[str, Department]) -> Known:
    person = person_of(row, departments) if row["body"] is not None else None
    return Known(
        user_id=row["user_id"],
        is_service=row["account"] == "service",
        display_name=person.display_name if person is not None else decoded(row["displayname"]),
        avatar_url=decoded(row["avatar_url"]),
        person=person,
    )


def decoded(body: bytes | None) -> str | None:
    return msgspec.json.decode(body, type=str | None) if body is not None else None
