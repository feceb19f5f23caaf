"""Who is on duty equals what a naive look-up over everything that was ever imported says."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from myelin.entries.duty_plan import DutyPlan, DutyRole, Roster, Shift
from myelin.staff.duty import Duties

ROLES = ("A", "B", "C", "last")
PEOPLE = ("wang", "li", "zhao", "chen")
END = 12

instants = st.integers(0, END)


@st.composite
def shifts(draw: st.DrawFn) -> Shift:
    begins = draw(st.integers(0, END - 1))
    return Shift(draw(st.sampled_from(PEOPLE)), begins, draw(st.integers(begins + 1, END)))


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    listed = tuple(draw(st.lists(shifts(), min_size=1, max_size=5)))
    return Roster(
        draw(st.sampled_from(ROLES)),
        min(shift.begins for shift in listed),
        max(shift.ends for shift in listed),
        listed,
    )


roles = st.builds(
    DutyRole,
    st.sampled_from(ROLES),
    st.none(),
    st.lists(st.sampled_from(ROLES), max_size=3, unique=True).map(tuple),
    st.none() | st.sampled_from(PEOPLE),
)
# Of each role a plan says one thing.
plans = st.builds(
    DutyPlan,
    st.lists(roles, max_size=4, unique_by=lambda role: role.role).map(tuple),
    st.lists(rosters(), max_size=4, unique_by=lambda roster: roster.role).map(tuple),
)


def naive_line(role: str, known: dict[str, DutyRole], seen: list[str]) -> list[str]:
    """The role, and below each fallback its own, everybody once."""
    if role not in seen:
        seen.append(role)
        for each in known[role].fallback if role in known else ():
            naive_line(each, known, seen)
    return seen


def naive(plans: Sequence[DutyPlan], role: str, at: int, gone: frozenset[str]) -> tuple[str | None, str | None]:
    """Who answers, and by which role: asked of the plans one by one, from the last to the first."""
    known = {each.role: each for plan in plans for each in plan.roles}
    line = naive_line(role, known, [])
    if "last" in known and role != "last":
        line = [each for each in line if each != "last"] + ["last"]
    for each in line:
        covering = [
            roster
            for plan in plans
            for roster in plan.rosters
            if roster.role == each and roster.begins <= at < roster.ends
        ]
        listed = covering[-1].shifts if covering else ()
        present = [
            (shift.begins, number, shift.user_id)
            for number, shift in enumerate(listed)
            if shift.begins <= at < shift.ends and shift.user_id not in gone
        ]
        if present:
            return max(present)[2], each
        standing = known[each].standing if each in known else None
        if standing is not None and standing not in gone:
            return standing, each
    return None, None


def laid_over(plans: Sequence[DutyPlan]) -> Duties:
    duties = Duties(last_resort="last")
    for plan in plans:
        duties = duties.with_plan(plan)
    return duties


@given(st.lists(plans, max_size=4), st.sampled_from(ROLES), st.frozensets(st.sampled_from(PEOPLE), max_size=2))
def test_duty_equals_a_naive_look_up(plans: list[DutyPlan], role: str, gone: frozenset[str]) -> None:
    duties = laid_over(plans)
    for at in range(-1, END + 1):
        answer = duties.resolve(role, at, gone)
        assert (answer.user_id, answer.by_role) == naive(plans, role, at, gone)


@given(
    st.lists(plans, max_size=4), st.sampled_from(ROLES), instants, st.frozensets(st.sampled_from(PEOPLE), max_size=1)
)
def test_an_answer_holds_until_it_says(plans: list[DutyPlan], role: str, at: int, gone: frozenset[str]) -> None:
    duties = laid_over(plans)
    answer = duties.resolve(role, at, gone)
    assert answer.until is None or answer.until > at
    for later in range(at, END + 1 if answer.until is None else answer.until):
        again = duties.resolve(role, later, gone)
        assert (again.user_id, again.by_role, again.until) == (answer.user_id, answer.by_role, answer.until)


@given(st.lists(plans, max_size=4), plans)
def test_a_plan_that_is_laid_over_itself_changes_nothing(plans: list[DutyPlan], last: DutyPlan) -> None:
    once, twice = laid_over([*plans, last]), laid_over([*plans, last, last])
    for role in ROLES:
        assert once.timeline(role).shifts == twice.timeline(role).shifts
        assert list(once.timeline(role).gaps(0)) == list(twice.timeline(role).gaps(0))


@given(st.lists(shifts(), min_size=1, max_size=6), instants)
def test_gaps_and_overlaps_are_all_that_there_are(listed: list[Shift], since: int) -> None:
    timeline = laid_over([DutyPlan(rosters=(Roster("A", 0, END, tuple(listed)),))]).timeline("A")
    left = [shift for shift in listed if shift.ends > since]
    gaps = {at for begins, ends in timeline.gaps(since) for at in range(begins, ends)}
    span = range(min((each.begins for each in left), default=0), max((each.ends for each in left), default=0))
    assert gaps == {at for at in span if not any(each.begins <= at < each.ends for each in left)}
    doubled = {
        at
        for earlier, later in timeline.overlaps(since)
        for at in range(later.begins, min(earlier.ends, later.ends))
        if at >= since
    }
    assert doubled == {at for at in range(since, END) if sum(each.begins <= at < each.ends for each in listed) > 1}
