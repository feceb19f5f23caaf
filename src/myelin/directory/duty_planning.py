"""What a file of duties changes, verified against the directory and against what counts already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from myelin.directory.duty_file import SHANGHAI, ListedDuty
from myelin.directory.faults import Fault, FaultyFile
from myelin.entries.duty_plan import DutyPlan, DutyRole, Roster, Shift
from myelin.projections.directory import PATH_SEPARATOR, Department, Directory
from myelin.staff.duty import Duties, Timeline

DAY_MS = 86_400_000
AHEAD_LIMIT_DAYS = 90
ROWS_LIMIT = 50_000
ROLES_LIMIT = 5_000
LINE_LIMIT = 20
BEFORE_DUTY = "-"


def duty_plan_of(listed: Sequence[ListedDuty], directory: Directory, now: Duties, at: int) -> DutyPlan:
    """Return the plan that makes duties what a file says, empty where they are so; `FaultyFile` with every reason."""
    faults = [fault for duty in listed for fault in faults_of(duty, directory, at)]
    faults += too_much(listed, now)
    departments: dict[str, str | None] = {}
    for duty in {duty.role: duty for duty in reversed(listed)}.values():
        try:
            departments[duty.role] = department_of(duty.role, directory.departments, now.roles.get(duty.role))
        except LookupError as reason:
            faults.append(Fault(duty.line, str(reason)))
    if faults:
        raise FaultyFile(faults)
    plan = DutyPlan(tuple(roles_of(listed, departments, now)), tuple(rosters_of(listed)))
    if faults := list(dead_ends(listed, now.with_plan(plan), directory)):
        raise FaultyFile(faults)
    return what_changes(plan, now)


def too_much(listed: Sequence[ListedDuty], now: Duties) -> Iterator[Fault]:
    if len(listed) > ROWS_LIMIT:
        yield Fault(0, f"there are more than {ROWS_LIMIT} rows; import a month at a time")
    if len(now.roles.keys() | {duty.role for duty in listed}) > ROLES_LIMIT:
        yield Fault(0, f"there would be more than {ROLES_LIMIT} roles")


def faults_of(duty: ListedDuty, directory: Directory, at: int) -> Iterator[Fault]:
    """Yield what is wrong with a row beside the directory and the clock."""
    if duty.user_id is not None:
        person = directory.people.get(duty.user_id)
        if person is None:
            yield Fault(duty.line, f"the directory knows nobody with the number {duty.employee_number}")
        elif not person.active:
            yield Fault(duty.line, f"the account of {duty.employee_number} is closed")
    if duty.ends is not None and duty.ends > at + AHEAD_LIMIT_DAYS * DAY_MS:
        yield Fault(duty.line, f"the shift ends more than {AHEAD_LIMIT_DAYS} days ahead, where no roster holds")


def department_of(role: str, departments: Mapping[str, Department], known: DutyRole | None) -> str | None:
    """Return the department that stands before the last hyphen of a role; LookupError where it is none, or several.

    A role that is known stays where it is, though its department may have been renamed.
    """
    if known is not None and known.department_id in departments:
        return known.department_id
    name, hyphen, _ = role.rpartition(BEFORE_DUTY)
    if not hyphen:
        return None
    by_path = [each.department_id for each in departments.values() if each.path == name]
    found = by_path or [each.department_id for each in departments.values() if each.name == name]
    if not found:
        raise LookupError(f"no department is called {name}; a role of no department has no hyphen")
    if len(found) > 1:
        raise LookupError(f"several departments are called {name}; give the whole path, with {PATH_SEPARATOR}")
    return found[0]


def roles_of(listed: Sequence[ListedDuty], departments: Mapping[str, str | None], now: Duties) -> Iterator[DutyRole]:
    """Yield the roles of a file; what it does not say of them stays as it is."""
    fallbacks = {duty.role: duty.fallback for duty in listed if duty.fallback is not None}
    standing = {duty.role: duty.user_id for duty in listed if duty.begins is None and duty.user_id is not None}
    for role, department_id in departments.items():
        before = now.roles.get(role, DutyRole(role))
        yield DutyRole(
            role,
            department_id,
            fallbacks.get(role, before.fallback),
            standing.get(role, before.standing),
        )


def rosters_of(listed: Iterable[ListedDuty]) -> Iterator[Roster]:
    """Yield for each role with shifts its roster, from the beginning of the first to the end of the last."""
    shifts: defaultdict[str, list[Shift]] = defaultdict(list)
    for duty in listed:
        if duty.user_id is not None and duty.begins is not None and duty.ends is not None:
            shifts[duty.role].append(Shift(duty.user_id, duty.begins, duty.ends))
    for role, found in shifts.items():
        begins, ends = min(shift.begins for shift in found), max(shift.ends for shift in found)
        yield Roster(role, begins, ends, tuple(found))


def dead_ends(listed: Sequence[ListedDuty], planned: Duties, directory: Directory) -> Iterator[Fault]:
    """Yield the roles whose line could end in nobody, leads to a role that nobody defined, or in a circle."""
    lines: dict[str, int] = {}
    for duty in listed:
        lines.setdefault(duty.role, duty.line)
    for role, known in planned.roles.items():
        for each in known.fallback:
            if each not in planned.roles:
                yield Fault(lines.get(role, 0), f"the fallback {each} of {role} is no role: give it a row of its own")
            elif role in planned.line(each) and role != planned.last_resort:
                yield Fault(lines.get(role, 0), f"{role} and its fallback {each} answer for each other")
        if len(planned.line(role)) > LINE_LIMIT:
            yield Fault(lines.get(role, 0), f"more than {LINE_LIMIT} roles answer for {role} in turn")
        if not any(stands(planned.roles.get(each), directory) for each in planned.line(role)):
            yield Fault(
                lines.get(role, 0),
                f"the line {' > '.join(planned.line(role))} can end in nobody: give the last resort "
                f"{planned.last_resort} a standing person, by a row with a number and without times",
            )


def stands(role: DutyRole | None, directory: Directory) -> bool:
    """Whether a role has a standing person who is there."""
    person = directory.people.get(role.standing) if role is not None and role.standing is not None else None
    return person is not None and person.active


def what_changes(plan: DutyPlan, now: Duties) -> DutyPlan:
    """Return what of a plan is not so already."""
    return DutyPlan(
        tuple(role for role in plan.roles if now.roles.get(role.role) != role),
        tuple(roster for roster in plan.rosters if not holds(roster, now.timeline(roster.role))),
    )


def holds(roster: Roster, timeline: Timeline) -> bool:
    """Whether the shifts between a roster's edges are its own."""
    return timeline.between(roster.begins, roster.ends) == list(Timeline(roster.shifts).shifts)


# --- what people are told ---


def report(plan: DutyPlan, planned: Duties, directory: Directory, at: int) -> Iterator[str]:
    """Yield what a plan changes, and from now (ms) on each gap and overlap with who answers then."""
    for roster in plan.rosters:
        yield (
            f"{roster.role}: {len(roster.shifts)} shifts from {shown(roster.begins)} to {shown(roster.ends)} "
            f"(Asia/Shanghai)"
        )
    for role in plan.roles:
        standing = f"; {named(role.standing, directory)} stands in" if role.standing is not None else ""
        yield f"{role.role}: answered by {' > '.join(planned.line(role.role))}{standing}"
    for roster in plan.rosters:
        yield from gaps(roster.role, planned, directory, at)
        yield from overlaps(roster.role, planned, directory, at)


def gaps(role: str, planned: Duties, directory: Directory, at: int) -> Iterator[str]:
    for begins, ends in planned.timeline(role).gaps(at):
        if ends > at:
            answer = planned.resolve(role, max(begins, at))
            yield (
                f"gap: {role} has nobody from {shown(begins)} to {shown(ends)}; "
                f"at its beginning {answer.by_role} answers ({named(answer.user_id, directory)})"
            )


def overlaps(role: str, planned: Duties, directory: Directory, at: int) -> Iterator[str]:
    for earlier, later in planned.timeline(role).overlaps(at):
        yield (
            f"overlap: {role} has two from {shown(later.begins)} to {shown(min(earlier.ends, later.ends))}: "
            f"{named(later.user_id, directory)} answers, not {named(earlier.user_id, directory)}"
        )


def shown(instant: int) -> str:
    """Return an instant as the clocks of the hospital show it, with seconds where there are any."""
    moment = datetime.fromtimestamp(instant / 1000, UTC).astimezone(SHANGHAI)
    return moment.strftime("%Y-%m-%d %H:%M:%S" if moment.second else "%Y-%m-%d %H:%M")


def named(user_id: str | None, directory: Directory) -> str:
    """Return a person's number and name."""
    person = directory.people.get(user_id) if user_id is not None else None
    return f"{person.employee_number} {person.name}" if person is not None else user_id or "nobody"
