"""The directory's changes: one plan, whole, and the small proposals that carry it out (DESIGN, "Append").

Each is decided on the state at its turn, so that one which is proposed twice, by another process or after a crash,
does nothing a second time.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from myelin.actions.accounts import deactivate_account
from myelin.append.proposal import Lane, Needs, Proposal
from myelin.append.turn import Turn
from myelin.entries.directory_plan import DepartmentBody, DirectoryPlan, PlannedDepartment, PlannedPerson
from myelin.entries.entry import Draft
from myelin.entries.facts import (
    AccountCreated,
    DepartmentRemoved,
    DepartmentSet,
    DirectoryCarriedOut,
    DirectoryPlanned,
    PersonRemoved,
    PersonSet,
    ProfileSet,
)

_encode = msgspec.json.Encoder().encode


def plan_directory(plan: DirectoryPlan, source: str, basis: int) -> Proposal[int]:
    """Propose a plan; the answer is its position. Nothing of it has happened yet.

    `basis` is the position of the last plan (-1: none) when the directory was read that this one changes; `Overtaken`
    where there is a later one.
    """
    departments = len(plan.departments) + len(plan.removed_departments)
    facts = DirectoryPlanned(source, departments, len(plan.people), len(plan.leaving))

    def propose(turn: Turn) -> int:
        position = turn.emit(Draft(facts=facts, body=_encode(plan))).position
        turn.write("directory_basis", plan=position, basis=basis)
        return position

    return Proposal(propose)


def set_departments(departments: Sequence[PlannedDepartment], plan: int) -> Proposal[None]:
    """Propose departments that a plan makes, renames or moves."""

    def propose(turn: Turn) -> None:
        for department in departments:
            facts = DepartmentSet(department.department_id, department.parent_id, plan)
            turn.emit(Draft(facts=facts, body=_encode(DepartmentBody(department.name))))

    return Proposal(propose, lane=Lane.BULK)


def remove_departments(department_ids: Sequence[str], plan: int) -> Proposal[None]:
    """Propose that departments are no more."""

    def propose(turn: Turn) -> None:
        for department_id in department_ids:
            turn.emit(Draft(facts=DepartmentRemoved(department_id, plan)))

    return Proposal(propose, lane=Lane.BULK)


def set_person(person: PlannedPerson, plan: int) -> Proposal[None]:
    """Propose a person as a plan has them: an account, where there is none yet, their post and their name."""

    def propose(turn: Turn) -> None:
        user = turn.user(person.user_id)
        if user is None:
            turn.emit(Draft(facts=AccountCreated(), sender=person.user_id))
        elif user.post is not None and user.post.plan >= plan:
            return
        facts = PersonSet(person.department_id, person.profession, plan, person.further, person.directory_id)
        turn.emit(Draft(facts=facts, sender=person.user_id, body=_encode(person.body)))
        if user is None or user.displayname != person.display_name:
            body = _encode(person.display_name)
            turn.emit(Draft(facts=ProfileSet("displayname"), sender=person.user_id, body=body))

    return Proposal(propose, lane=Lane.BULK, needs=Needs(users=(person.user_id,)))


def let_go(user_id: str, plan: int) -> Proposal[None]:
    """Propose that a person leaves the directory: the account is closed, its sessions end."""
    close = deactivate_account(user_id, erase=False)

    def propose(turn: Turn) -> None:
        user = turn.user(user_id)
        if user is None or user.post is None:
            return
        turn.emit(Draft(facts=PersonRemoved(plan), sender=user_id))
        close.propose(turn)

    return Proposal(propose, lane=Lane.BULK)


def finish_plan(plan: int) -> Proposal[None]:
    """Propose that everything of a plan has happened."""

    def propose(turn: Turn) -> None:
        turn.emit(Draft(facts=DirectoryCarriedOut(plan)))

    return Proposal(propose, lane=Lane.BULK)
