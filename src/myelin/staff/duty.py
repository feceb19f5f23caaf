"""Who has a duty at an instant: rosters laid over each other, and the line of those who answer where there is a gap.

Pure and without a clock: instants are passed in, in ms since the epoch. A shift counts from its beginning on, and no
longer at its end. Of shifts at the same time the one that began last counts, of equal ones the one listed last.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate

import msgspec

from myelin.entries.duty_plan import DutyPlan, DutyRole, Roster, Shift


class OnDuty(msgspec.Struct, frozen=True):
    """Who answers for a role, by which role of its line, and until when that is so at least (ms; None: no end known).

    `user_id` is None where nobody of the whole line is there.
    """

    role: str
    user_id: str | None
    by_role: str | None
    until: int | None
    is_standing: bool = False

    @property
    def is_fallback(self) -> bool:
        """Whether somebody of another role answers."""
        return self.by_role != self.role


class Timeline:
    """The shifts of one role, by their beginnings."""

    def __init__(self, shifts: Iterable[Shift] = ()) -> None:
        self.shifts: Sequence[Shift] = sorted(shifts, key=lambda shift: shift.begins)
        self._begins = [shift.begins for shift in self.shifts]
        # How far the shifts up to each one reach: where that is past, no earlier one is left.
        self._reach = list(accumulate((shift.ends for shift in self.shifts), max))

    def at(self, instant: int) -> Iterator[Shift]:
        """Yield the shifts of an instant, the one that counts first."""
        for index in range(bisect_right(self._begins, instant) - 1, -1, -1):
            if self._reach[index] <= instant:
                return
            if self.shifts[index].ends > instant:
                yield self.shifts[index]

    def next_begin(self, instant: int) -> int | None:
        """Return when the next shift begins."""
        index = bisect_right(self._begins, instant)
        return self._begins[index] if index < len(self._begins) else None

    def replaced(self, roster: Roster) -> Timeline:
        """Return this with a roster over it: what stood there before is cut off at its edges."""
        before = (cut(shift, shift.begins, min(shift.ends, roster.begins)) for shift in self.shifts)
        after = (cut(shift, max(shift.begins, roster.ends), shift.ends) for shift in self.shifts)
        return Timeline(shift for shift in (*before, *after, *roster.shifts) if shift.begins < shift.ends)

    def between(self, begins: int, ends: int) -> list[Shift]:
        """Return what of the shifts lies between two instants."""
        cuts = (cut(shift, max(shift.begins, begins), min(shift.ends, ends)) for shift in self.shifts)
        return [shift for shift in cuts if shift.begins < shift.ends]

    def gaps(self, since: int) -> Iterator[tuple[int, int]]:
        """Yield (from, to) where nobody is listed, between the first shift that ends after an instant and the last."""
        covered: int | None = None
        for shift in self.shifts:
            if shift.ends > since:
                if covered is not None and shift.begins > covered:
                    yield covered, shift.begins
                covered = max(covered or shift.ends, shift.ends)

    def overlaps(self, since: int) -> Iterator[tuple[Shift, Shift]]:
        """Yield (earlier, later) wherever two are listed at once and one still is after an instant."""
        for index, later in enumerate(self.shifts):
            earlier = self.shifts[bisect_right(self._reach, later.begins, hi=index) : index]
            yield from ((shift, later) for shift in earlier if min(shift.ends, later.ends) > max(since, later.begins))

    @property
    def ends(self) -> int | None:
        """When the last shift is over."""
        return self._reach[-1] if self._reach else None


class Duties(msgspec.Struct, frozen=True, dict=True):
    """All roles with their shifts at one position of the log. `last_resort` stands at the end of every line."""

    roles: Mapping[str, DutyRole] = {}
    timelines: Mapping[str, Timeline] = {}
    last_resort: str = ""

    def with_plan(self, plan: DutyPlan) -> Duties:
        """Return this with a later plan over it."""
        roles = {**self.roles, **{role.role: role for role in plan.roles}}
        timelines = dict(self.timelines)
        for roster in plan.rosters:
            timelines[roster.role] = self.timeline(roster.role).replaced(roster)
        return Duties(roles, timelines, self.last_resort)

    def timeline(self, role: str) -> Timeline:
        """Return a role's shifts."""
        return self.timelines.get(role) or Timeline()

    def line(self, role: str) -> tuple[str, ...]:
        """Return the roles that answer for one in turn: itself, its fallbacks with theirs, the last resort."""
        if role not in self._lines:
            self._lines[role] = self._line(role)
        return self._lines[role]

    def resolve(self, role: str, at: int, gone: Collection[str] = frozenset()) -> OnDuty:
        """Return who answers for a role at an instant; whoever is gone is skipped."""
        line = self.line(role)
        for index, each in enumerate(line):
            timeline = self.timeline(each)
            # Whoever stands earlier in the line, or has a shift of this role later on, takes over then.
            shift = next((shift for shift in timeline.at(at) if shift.user_id not in gone), None)
            if shift is not None:
                return OnDuty(role, shift.user_id, each, earliest(shift.ends, self._next(line[: index + 1], at)))
            standing = self.roles[each].standing if each in self.roles else None
            if standing is not None and standing not in gone:
                return OnDuty(role, standing, each, self._next(line[: index + 1], at), is_standing=True)
        return OnDuty(role, None, None, self._next(line, at))

    @cached_property
    def people(self) -> frozenset[str]:
        """Everybody who has some duty."""
        standing = {role.standing for role in self.roles.values() if role.standing is not None}
        return frozenset(standing | {shift.user_id for each in self.timelines.values() for shift in each.shifts})

    @cached_property
    def _lines(self) -> dict[str, tuple[str, ...]]:
        return {}

    def _line(self, role: str) -> tuple[str, ...]:
        line: dict[str, None] = {}
        waiting = [role]
        while waiting:
            each = waiting.pop()
            if each not in line:
                line[each] = None
                waiting.extend(reversed(self.roles[each].fallback if each in self.roles else ()))
        # After everybody else, although a fallback may name it earlier.
        if self.last_resort in self.roles and self.last_resort != role:
            line.pop(self.last_resort, None)
            line[self.last_resort] = None
        return tuple(line)

    def _next(self, line: Sequence[str], at: int) -> int | None:
        return earliest(*(self.timeline(role).next_begin(at) for role in line))


def cut(shift: Shift, begins: int, ends: int) -> Shift:
    return shift if (begins, ends) == (shift.begins, shift.ends) else Shift(shift.user_id, begins, ends)


def earliest(*instants: int | None) -> int | None:
    return min((instant for instant in instants if instant is not None), default=None)
