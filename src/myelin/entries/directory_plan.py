"""What a plan of the directory says: every change, verified and whole, so that carrying it out needs nothing else.

The bodies of the entries that follow from it are here too; names stand in bodies, never in facts.
"""

from __future__ import annotations

import msgspec


class DepartmentBody(msgspec.Struct, frozen=True):
    """The body of a department's entry."""

    name: str


class PersonBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a person's entry; `further_titles` belong to the further departments of the facts."""

    employee_number: str
    name: str
    title: str
    phone: str = ""
    further_titles: tuple[str, ...] = ()


class PlannedDepartment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A department that is made, renamed or moved."""

    department_id: str
    parent_id: str | None
    name: str


class PlannedPerson(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person who is new or changed, or whose department has another name now; `display_name` is what all will see."""

    user_id: str
    body: PersonBody
    department_id: str
    profession: str
    display_name: str
    further: tuple[str, ...] = ()
    directory_id: str | None = None
    is_new: bool = False


class DirectoryPlan(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything that changes, in the order in which it is carried out."""

    departments: tuple[PlannedDepartment, ...] = ()
    people: tuple[PlannedPerson, ...] = ()
    leaving: tuple[str, ...] = ()
    removed_departments: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not (self.departments or self.people or self.leaving or self.removed_departments)
