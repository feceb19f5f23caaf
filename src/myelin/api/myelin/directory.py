"""/_myelin/v1/directory/departments and .../people: looking colleagues up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from myelin.api.myelin.search_terms import limit_of, term_in
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import MissingParam, NotFound
from myelin.matrix.json import JsonObject
from myelin.projections.directory import Department, Person
from myelin.projections.known_people import Known, KnownPeople
from myelin.staff.index import departments_of
from myelin.staff.people import People

DEFAULT_LIMIT = 20
LIMIT = 500


class DirectoryEndpoints:
    """Shows the departments and finds people."""

    def __init__(self, people: People, known_people: KnownPeople) -> None:
        self._people = people
        self._known_people = known_people

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        directory = "/_myelin/v1/directory"
        yield Route("GET", f"{directory}/departments", self.departments)
        yield Route("GET", f"{directory}/people", self.search, limit="people_search")
        yield Route("GET", f"{directory}/people/{{userId}}", self.person)

    async def departments(self, request: Request) -> Response:
        departments = sorted((await self._people.departments()).values(), key=lambda department: department.path)
        people = await self._known_people.people_by_department()
        below = people_below(departments, people)
        return ok(
            {
                "departments": [
                    {
                        "department_id": department.department_id,
                        "parent_id": department.parent_id,
                        "name": department.name,
                        "path": department.path,
                        "people": people.get(department.department_id, 0),
                        "people_below": below[department.department_id],
                    }
                    for department in departments
                ]
            }
        )

    async def person(self, request: Request) -> Response:
        known = (await self._people.current()).get(request.path[0])
        if known is None or known.person is None:
            raise NotFound("the directory knows nobody of this user id")
        return ok(shown(known.person))

    async def search(self, request: Request) -> Response:
        query = request.query
        if "search" not in query and "department" not in query:
            raise MissingParam("say whom you look for: search, department, or both")
        term, limit = term_in(query.get("search", "")), limit_of(query.get("limit"), DEFAULT_LIMIT, LIMIT)
        index = await self._people.current()
        # Whoever looks does not look for themselves; in a department's list they stand like everybody.
        left_out = request.signed_in.user_id if "search" in query else None
        found: Iterable[Known] = index.matches(term) if "search" in query else index
        if "department" in query:
            within = subtree(index.departments, query["department"])
            found = (known for known in found if works_in(known, within))
        people = (known.person for known in found if known.person is not None and known.user_id != left_out)
        return ok({"people": [shown(person) for person in islice(people, limit)]})


def people_below(departments: Sequence[Department], people: Mapping[str, int]) -> Counter[str]:
    """Return how many posts each department has with all below it; parents come before their children."""
    below = Counter({each.department_id: people.get(each.department_id, 0) for each in departments})
    for department in reversed(departments):
        if department.parent_id is not None and department.parent_id in below:
            below[department.parent_id] += below[department.department_id]
    return below


def upwards(departments: Mapping[str, Department], department_id: str) -> Iterator[str]:
    """Yield a department and those above it."""
    department = departments.get(department_id)
    while department is not None:
        yield department.department_id
        department = departments.get(department.parent_id) if department.parent_id is not None else None


def subtree(departments: Mapping[str, Department], wanted: str) -> frozenset[str]:
    """Return the ids of a department, named by its id or path, and of those below it; `NotFound` without one."""
    roots = {each.department_id for each in departments.values() if wanted in (each.department_id, each.path)}
    if not roots:
        raise NotFound("there is no such department")
    return frozenset(each for each in departments if not roots.isdisjoint(upwards(departments, each)))


def works_in(known: Known, within: frozenset[str]) -> bool:
    return known.person is not None and not within.isdisjoint(departments_of(known.person))


def shown(person: Person) -> JsonObject:
    """Return what colleagues see of a person."""
    return {
        "user_id": person.user_id,
        "employee_number": person.employee_number,
        "name": person.name,
        "department": person.department,
        "title": person.title,
        "profession": person.profession,
        "display_name": person.display_name,
        "phone": person.phone,
    }
