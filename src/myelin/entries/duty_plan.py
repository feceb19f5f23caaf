"""What the body of a duty entry says: roles as they are from now on, and rosters in place of what was there before."""

from __future__ import annotations

import msgspec


class Shift(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Somebody has a duty from `begins` on and until `ends`, which is no part of it; both in ms since the epoch."""

    user_id: str
    begins: int
    ends: int


class DutyRole(msgspec.Struct, frozen=True, omit_defaults=True):
    """A role: the department it belongs to, who answers where its roster has a gap, and who stands in after all.

    `fallback` are other roles, in order; `standing` is a person who has the duty whenever no shift says otherwise.
    """

    role: str
    department_id: str | None = None
    fallback: tuple[str, ...] = ()
    standing: str | None = None


class Roster(msgspec.Struct, frozen=True):
    """A role's shifts between two instants, in the order in which they were listed; there are no others meanwhile."""

    role: str
    begins: int
    ends: int
    shifts: tuple[Shift, ...]


class DutyPlan(msgspec.Struct, frozen=True, omit_defaults=True):
    """One import, verified and whole."""

    roles: tuple[DutyRole, ...] = ()
    rosters: tuple[Roster, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not (self.roles or self.rosters)

    @property
    def people(self) -> frozenset[str]:
        """Everybody whom it gives a duty."""
        standing = {role.standing for role in self.roles if role.standing is not None}
        return frozenset(standing | {shift.user_id for roster in self.rosters for shift in roster.shifts})
