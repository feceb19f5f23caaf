"""GET /_myelin/v1/duty: who answers for which role at an instant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from myelin.api.myelin.directory import shown, subtree
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import InvalidParam, NotFound
from myelin.matrix.json import JsonObject
from myelin.projections.directory import Department, DirectoryReader, Person
from myelin.staff.duty import Duties, OnDuty
from myelin.staff.on_duty import Duty
from myelin.staff.people import People

DIGITS = 15


class DutyEndpoint:
    """Resolves one role, those of a department and of what is below it, or all."""

    def __init__(self, duty: Duty, people: People, directory: DirectoryReader, clock_ms: Callable[[], int]) -> None:
        self._duty = duty
        self._people = people
        self._directory = directory
        self._clock_ms = clock_ms

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("GET", "/_myelin/v1/duty", self.get)

    async def get(self, request: Request) -> Response:
        query = request.query
        at = instant_of(query["at"]) if "at" in query else self._clock_ms()
        duties, departments = await self._duty.current(), await self._people.departments()
        roles = asked_for(query, duties, departments)
        answers = await self._duty.resolve_all(roles, at)
        people = await self._directory.some_people(
            {answer.user_id for answer in answers if answer.user_id is not None}, departments
        )
        return ok({"at": at, "roles": [described(answer, duties, departments, people) for answer in answers]})


def instant_of(text: str) -> int:
    """Return an instant in ms since the epoch."""
    if not (text.isascii() and text.isdecimal() and len(text) <= DIGITS):
        raise InvalidParam("at must be a time in ms since the epoch")
    return int(text)


def asked_for(query: Mapping[str, str], duties: Duties, departments: Mapping[str, Department]) -> list[str]:
    """Return the roles that are asked for, by their names; `NotFound` for a role or a department that is none."""
    roles = sorted(duties.roles)
    if "role" in query:
        roles = [role for role in roles if role == query["role"]]
        if not roles:
            raise NotFound("there is no such role")
    if "department" in query:
        within = subtree(departments, query["department"])
        roles = [role for role in roles if duties.roles[role].department_id in within]
    return roles


def described(
    answer: OnDuty, duties: Duties, departments: Mapping[str, Department], people: Mapping[str, Person]
) -> JsonObject:
    """Return what is told of a role; `nobody` says so in words where its whole line is empty."""
    department_id = duties.roles[answer.role].department_id
    department = departments.get(department_id) if department_id is not None else None
    person = people.get(answer.user_id) if answer.user_id is not None else None
    told: JsonObject = {
        "role": answer.role,
        "department_id": department_id,
        "department": department.path if department is not None else None,
        "person": shown(person) if person is not None else None,
        "until": answer.until,
        "fallback": answer.is_fallback,
        "answering_role": answer.by_role,
        "standing": answer.is_standing,
        "line": list(duties.line(answer.role)),
    }
    if person is None:
        told["nobody"] = f"nobody of {' > '.join(duties.line(answer.role))} is on duty or stands in"
    return told
