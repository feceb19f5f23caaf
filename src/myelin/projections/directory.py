"""The hospital's directory, read back from its projections: departments as a tree, people with their posts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager

import asyncpg
import msgspec

from myelin.entries.directory_plan import DepartmentBody, PersonBody
from myelin.entries.entry import Entry
from myelin.entries.facts import PersonSet
from myelin.entries.rows import entry_from_row
from myelin.schema.queries import load_queries

PATH_SEPARATOR = "/"

_facts = msgspec.json.Decoder(PersonSet)
_department = msgspec.json.Decoder(DepartmentBody)
_person = msgspec.json.Decoder(PersonBody)


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
        """Return the ids of whoever was in the directory once."""
        return frozenset(row["user_id"] for row in await self._pool.fetch(self._queries["former_people"]))

    async def waiting_plans(self) -> Sequence[Entry]:
        """Return the plans that are not carried out yet, the oldest first."""
        return [entry_from_row(row) for row in await self._pool.fetch(self._queries["waiting_plans"])]

    async def done_people(self, plan: int) -> frozenset[str]:
        """Return whom a plan, or one after it, has set already."""
        return frozenset(row["user_id"] for row in await self._pool.fetch(self._queries["done_people"], plan))

    @asynccontextmanager
    async def claim(self) -> AsyncIterator[bool]:
        """Yield whether the caller may carry out plans; nobody else may until the end, or until its connection dies."""
        async with self._pool.acquire() as connection:
            is_ours = await connection.fetchval(self._queries["claim_carrying"])
            try:
                yield is_ours
            finally:
                if is_ours:
                    await connection.execute(self._queries["release_carrying"])


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
