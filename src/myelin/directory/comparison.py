"""What a list of people changes: the directory as it is and as it is to be, and the plan from one to the other.

Pure: ids for new departments are passed in.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

import msgspec

from myelin.directory.faults import Fault, FaultyFile
from myelin.directory.people_file import ListedPerson
from myelin.entries.directory_plan import DirectoryPlan, PersonBody, PlannedDepartment, PlannedPerson
from myelin.projections.directory import Department, Directory, Person

NewId = Callable[[], str]
DEPARTMENT_ID_BYTES = 8


class Wanted(msgspec.Struct, frozen=True):
    """What is to be: departments by path, and the people of the list."""

    departments: Mapping[str, PlannedDepartment]
    people: Sequence[ListedPerson]


def plan_of(
    now: Directory, people: Sequence[ListedPerson], former: frozenset[str], full: bool, new_id: NewId
) -> DirectoryPlan:
    """Return the plan that makes the directory what the list says; `FaultyFile` where that cannot be.

    With `full` whoever is not on the list leaves, and departments without people go. `former` are ids that are
    nobody's any more.
    """
    faults = list(refusals(now, people, former))
    if faults:
        raise FaultyFile(faults)
    staying = () if full else remaining(now, people)
    wanted = Wanted(departments_of(now, people, staying, full, new_id), people)
    planned = [planned_person(person, wanted, now.people.get(person.user_id)) for person in people]
    planned += [renamed_person(person, wanted) for person in staying]
    leaving = sorted(set(now.people) - {person.user_id for person in people}) if full else []
    kept = {department.department_id for department in wanted.departments.values()}
    return DirectoryPlan(
        departments=tuple(changed_departments(now, wanted)),
        people=tuple(person for person in planned if is_changed(person, now.people.get(person.user_id))),
        leaving=tuple(leaving),
        removed_departments=tuple(sorted(set(now.departments) - kept)),
    )


def refusals(now: Directory, people: Iterable[ListedPerson], former: frozenset[str]) -> Iterator[Fault]:
    """Yield the lines whose number, or immutable id, is somebody else's."""
    owners = {person.directory_id: person for person in now.people.values() if person.directory_id is not None}
    for person in people:
        number, before = person.employee_number, now.people.get(person.user_id)
        owner = owners.get(person.directory_id) if person.directory_id is not None else None
        if person.user_id in former:
            reason = f"工号 {number} belonged to an account that is closed; numbers are never given again"
        elif before is not None and before.employee_number != number:
            reason = f"工号 {number} is equal, but for case, to {before.employee_number} in the directory"
        elif owner is not None and owner.user_id != person.user_id:
            reason = f"this person is known, with 工号 {owner.employee_number}, and numbers do not change"
        elif (
            person.directory_id is not None and owner is None and before is not None and before.directory_id is not None
        ):
            reason = f"工号 {number} is known as that of somebody with another id in their directory"
        else:
            continue
        yield Fault(person.line, reason)


def remaining(now: Directory, people: Iterable[ListedPerson]) -> Sequence[Person]:
    """Return those whom the list does not name."""
    listed = {person.user_id for person in people}
    return [person for user_id, person in now.people.items() if user_id not in listed]


# --- departments ---


def departments_of(
    now: Directory, people: Sequence[ListedPerson], staying: Sequence[Person], full: bool, new_id: NewId
) -> dict[str, PlannedDepartment]:
    """Return every department that is to be, by path and each after its parent: those that are there keep their ids."""
    known = {department.path: department.department_id for department in now.departments.values()}
    paths = with_parents(paths_of(people))
    kept = with_parents(path_of(now, name) for person in staying for name in departments_of_person(person))
    renamed = renamed_paths(now, people, paths | kept)
    ids = {new: known[old] for old, new in renamed.items()}
    if not full:
        # A partial list says nothing of the departments that it does not name: they stay, or go where those above go.
        remaining_paths = {path: carried_along(path, renamed) for path in known if path not in renamed}
        ids = {new: known[old] for old, new in remaining_paths.items()} | ids
        kept |= set(remaining_paths.values())
    ids |= {path: known[path] for path in known.keys() & (paths | kept)}
    found: dict[str, PlannedDepartment] = {}
    for path in sorted(paths | kept):
        parent, _, name = path.rpartition("/")
        parent_id = found[parent].department_id if parent else None
        found[path] = PlannedDepartment(ids.get(path) or new_id(), parent_id, name)
    return found


def renamed_paths(now: Directory, people: Iterable[ListedPerson], wanted: set[str]) -> dict[str, str]:
    """Return the new path by the old one of departments that are renamed.

    That is what it is when a department is gone from the list and all of its people are in one that is new. Where
    only departments below it have people, they speak for it.
    """
    own_staff = frozenset(person.department for person in now.people.values())
    known = {department.path for department in now.departments.values()}
    staff, moved = Counter[str](), defaultdict[str, Counter[str]](Counter)
    for person in now.people.values():
        staff.update(old for old, _ in represented(person.department, own_staff))
    for listed in people:
        before = now.people.get(listed.user_id)
        if before is not None and before.department != listed.department:
            for old, depth in represented(before.department, own_staff):
                moved[old][above(listed.department, depth)] += 1
    found: dict[str, str] = {}
    # Where several become one, the largest keeps its id, and its room.
    for old in sorted(moved, key=lambda path: (-staff[path], path)):
        (new, count), *others = moved[old].most_common(2)
        is_whole = not others and count == staff[old]
        if is_whole and new and old not in wanted and new not in known and new not in found.values():
            found[old] = new
    return found


def represented(path: str, own_staff: frozenset[str]) -> Iterator[tuple[str, int]]:
    """Yield the departments for which somebody of this one speaks: it, and those above it without people of their own.

    With each comes how far above it is.
    """
    yield path, 0
    for depth in range(1, path.count("/") + 1):
        if above(path, depth) not in own_staff:
            yield above(path, depth), depth


def above(path: str, depth: int) -> str:
    """Return the path so many steps up, "" beyond the top."""
    names = path.split("/")
    return "/".join(names[: max(0, len(names) - depth)])


def carried_along(path: str, renamed: Mapping[str, str]) -> str:
    """Return the path of a department when those above it have their new names."""
    for depth in range(1, path.count("/") + 1):
        old = above(path, depth)
        if old in renamed:
            return renamed[old] + path[len(old) :]
    return path


def paths_of(people: Iterable[ListedPerson]) -> Iterator[str]:
    for person in people:
        yield person.department
        yield from (department for department, _ in person.further)


def with_parents(paths: Iterable[str]) -> set[str]:
    """Return paths and all that they lie under."""
    return {above for path in paths for above in accumulate(path.split("/"), lambda a, b: f"{a}/{b}")}


def path_of(now: Directory, department_id: str) -> str:
    return now.departments[department_id].path


def departments_of_person(person: Person) -> Iterator[str]:
    yield person.department_id
    yield from (department_id for department_id, _ in person.further)


def changed_departments(now: Directory, wanted: Wanted) -> Iterator[PlannedDepartment]:
    for department in wanted.departments.values():
        before = now.departments.get(department.department_id)
        if before is None or as_planned(before) != department:
            yield department


def as_planned(department: Department) -> PlannedDepartment:
    return PlannedDepartment(department.department_id, department.parent_id, department.name)


# --- people ---


def planned_person(person: ListedPerson, wanted: Wanted, before: Person | None) -> PlannedPerson:
    """Return a person of the list as they are to be; an immutable id that is known stays known."""
    department = wanted.departments[person.department]
    return PlannedPerson(
        user_id=person.user_id,
        body=body_of(person),
        department_id=department.department_id,
        profession=person.profession,
        display_name=display_name(department.name, person.title, person.name),
        further=tuple(wanted.departments[path].department_id for path, _ in person.further),
        directory_id=person.directory_id or (before.directory_id if before is not None else None),
        is_new=before is None,
    )


def renamed_person(person: Person, wanted: Wanted) -> PlannedPerson:
    """Return a person whom the list does not name as they are to be: as they are, but for their department's name."""
    names = {department.department_id: department.name for department in wanted.departments.values()}
    planned = as_planned_person(person)
    return msgspec.structs.replace(
        planned, display_name=display_name(names[person.department_id], person.title, person.name)
    )


def as_planned_person(person: Person) -> PlannedPerson:
    """Return a person as a plan would make them."""
    return PlannedPerson(
        user_id=person.user_id,
        body=body_of(person),
        department_id=person.department_id,
        profession=person.profession,
        display_name=person.display_name,
        further=tuple(department_id for department_id, _ in person.further),
        directory_id=person.directory_id,
    )


def body_of(person: ListedPerson | Person) -> PersonBody:
    """Return what the body of a person's entry says."""
    return PersonBody(
        employee_number=person.employee_number,
        name=person.name,
        title=person.title,
        phone=person.phone,
        further_titles=tuple(title for _, title in person.further),
    )


def is_changed(planned: PlannedPerson, before: Person | None) -> bool:
    return before is None or planned != as_planned_person(before)


def display_name(department: str, title: str, name: str) -> str:
    """Return what everybody sees: 科室-职称-姓名; whoever has no title is without it."""
    return "-".join(filter(None, (department, title, name)))
