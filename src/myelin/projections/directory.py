"""The hospital's directory, read back from its projections: departments as a tree, people with their posts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager

import asyncpg
import msgspec

from myelin.entries.directory_plan import DepartmentBody, DirectoryPlan, PersonBody
from myelin.entries.facts import PersonSet
from myelin.schema.queries import load_queries

PATH_SEPARATOR = "/"

_facts = msgspec.json.Decoder(PersonSet)
_department = msgspec.json.Decoder(DepartmentBody)
_person = msgspec.json.Decoder(PersonBody)
_plan = msgspec.json.Decoder(DirectoryPlan)


class Department(msgspec.Struct, frozen=True):
    """A department; `path` holds the names from the top of the tree down to its own."""

    department_id: str
    parent_id: str | None
    name: str
    path: str


class Person(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Somebody of the directory. `department` is a path; `further` are other posts, each (department id, title)."""

    user_id: str
    employee_number: str
    directory_id: str | None = None
    name: str
    department_id: str
    department: str
    title: str
    profession: str
    phone: str = ""
    further: tuple[tuple[str, str], ...] = ()
    active: bool = True

    @property
    def display_name(self) -> str:
        """The name that everybody sees: 科室-职称-姓名."""
        return "-".join(filter(None, (self.department.rsplit(PATH_SEPARATOR, 1)[-1], self.title, self.name)))


class Directory(msgspec.Struct, frozen=True):
    """All of it at one moment."""

    departments: Mapping[str, Department]
    people: Mapping[str, Person]


class DirectoryReader:
    """Reads the directory."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.projections", "directory.sql")

    async def directory(self) -> Directory:
        """Return departments and people by their ids."""
        departments = {department.department_id: department for department in await self.departments()}
        rows = await self._pool.fetch(self._queries["people"], None)
        return Directory(departments, {row["user_id"]: person_of(row, departments) for row in rows})

    async def departments(self) -> Sequence[Department]:
        """Return the departments, each after its parent."""
        rows = await self._pool.fetch(self._queries["departments"])
        return as_tree({row["department_id"]: (row["parent_id"], _department.decode(row["body"]).name) for row in rows})

    async def people(self) -> Sequence[Person]:
        """Return everybody who is in the directory."""
        return list((await self.directory()).people.values())

    async def person(self, user_id: str) -> Person | None:
        """Return one person, None for whoever the directory does not know."""
        row = await self._pool.fetchrow(self._queries["people"], [user_id])
        if row is None:
            return None
        return person_of(row, {department.department_id: department for department in await self.departments()})

    async def some_people(
        self, user_ids: Collection[str], departments: Mapping[str, Department]
    ) -> Mapping[str, Person]:
        """Return those of these people who are in the directory."""
        rows = await self._pool.fetch(self._queries["people"], list(user_ids))
        return {row["user_id"]: person_of(row, departments) for row in rows}

    async def former_people(self) -> frozenset[str]:
        """Return the ids that are nobody's any more: of whoever left the directory, or had an account outside it."""
        return frozenset(row["user_id"] for row in await self._pool.fetch(self._queries["former_people"]))

    async def strangers(self, user_ids: Collection[str]) -> Sequence[str]:
        """Return those of these ids that have an account which the directory does not know."""
        return [row["user_id"] for row in await self._pool.fetch(self._queries["strangers"], list(user_ids))]

    async def latest_plan(self) -> int:
        """Return the position of the last plan, -1 where there is none."""
        position: int = await self._pool.fetchval(self._queries["latest_plan"])
        return position

    async def waiting_plans(self) -> Sequence[int]:
        """Return the positions of the plans that are not carried out yet, the oldest first."""
        return [row["position"] for row in await self._pool.fetch(self._queries["waiting_plans"])]

    async def plan(self, position: int) -> DirectoryPlan:
        """Return what a plan says."""
        return _plan.decode(await self._pool.fetchval(self._queries["plan"], position))

    async def done(self, plan: int) -> frozenset[str]:
        """Return the ids of people and departments that a plan, or one after it, has set already."""
        return frozenset(row["id"] for row in await self._pool.fetch(self._queries["done"], plan))

    @asynccontextmanager
    async def claim(self) -> AsyncIterator[Claim | None]:
        """Yield the right to carry out plans, None where another has it; it ends with its connection at the latest."""
        async with self._pool.acquire() as connection:
            is_ours = await connection.fetchval(self._queries["claim_carrying"])
            try:
                yield Claim(connection, self._queries["hold_claim"]) if is_ours else None
            finally:
                if is_ours:
                    await connection.execute(self._queries["release_carrying"])


class Claim:
    """The right to carry out plans, which no other process has meanwhile."""

    def __init__(self, connection: asyncpg.Connection, question: str) -> None:
        self._connection = connection
        self._question = question

    async def check(self) -> None:
        """Raise one of `DATABASE_FAULTS` where the connection is lost, and so the claim: another may have it now."""
        await self._connection.fetchval(self._question)


def as_tree(found: Mapping[str, tuple[str | None, str]]) -> list[Department]:
    """Return departments with their paths, each after its parent, from (parent id, name) by id."""
    paths: dict[str, str] = {}

    def path_of(department_id: str) -> str:
        if department_id not in paths:
            parent_id, name = found[department_id]
            above = path_of(parent_id) + PATH_SEPARATOR if parent_id is not None and parent_id in found else ""
            paths[department_id] = above + name
        return paths[department_id]

    for department_id in found:
        path_of(department_id)
    return [Department(name, found[name][0], found[name][1], path) for name, path in paths.items()]


def person_of(row: asyncpg.Record, departments: Mapping[str, Department]) -> Person:
    """Return a person from their latest entry."""
    facts, body = _facts.decode(row["facts"]), _person.decode(row["body"])
    department = departments.get(facts.department_id)
    return Person(
        user_id=row["user_id"],
        employee_number=body.employee_number,
        directory_id=facts.directory_id,
        name=body.name,
        department_id=facts.department_id,
        department=department.path if department is not None else "",
        title=body.title,
        profession=facts.profession,
        phone=body.phone,
        further=tuple(zip(facts.further, body.further_titles, strict=True)),
        active=row["active"],
    )
