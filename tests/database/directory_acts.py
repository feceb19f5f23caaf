"""What the directory and the services of a hospital do in random histories."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from myelin.actions.create_room import InitialState, NewRoom, create_room
from myelin.actions.directory_membership import (
    Announcements,
    follow_directory,
    keep_announcements,
    open_department_room,
)
from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries import facts as kinds
from myelin.entries.entry import Draft
from myelin.matrix.room_versions import room_version
from myelin.state.designations import ANNOUNCEMENTS, of_department
from tests.database.logs import emitted
from tests.servers import SERVER_NAME

if TYPE_CHECKING:
    from tests.database.histories import History

LAB = f"@_lab:{SERVER_NAME}"
DEPARTMENTS = ["cardiology", "icu"]

AnyProposal = Proposal[Any]


def a_post(history: History) -> AnyProposal:
    user_id, department_id = history.sender.user_id, history.one(*DEPARTMENTS)
    facts: list[kinds.AnyFacts] = [kinds.PersonSet(department_id, "护", 0), kinds.PersonRemoved(0)]
    return emitted(Draft(facts=history.one(*facts), sender=user_id, body=b"{}"))


def a_step_of_a_plan(history: History) -> AnyProposal:
    plan, department_id = history.log.memory.head, history.one(*DEPARTMENTS)
    steps: list[Draft] = [
        Draft(facts=kinds.DirectoryPlanned("people.csv", 1, 1, 0), body=b"{}"),
        Draft(facts=kinds.DirectoryCarriedOut(plan)),
        Draft(facts=kinds.DepartmentSet(department_id, history.one(None, *DEPARTMENTS), plan), body=b'{"name":"d"}'),
        Draft(facts=kinds.DepartmentRemoved(department_id, plan)),
        Draft(facts=kinds.ActivationIssued(), sender=history.sender.user_id),
        Draft(facts=kinds.PasswordChanged(), sender=history.sender.user_id),
    ]
    return emitted(history.one(*steps))


def a_room_of_the_directory(history: History) -> AnyProposal:
    version = room_version(history.one("10", "11", "12"))
    if history.one(True, False):
        return keep_announcements(
            Announcements(history.one("公告", "通知"), frozenset({history.sender.user_id})), version
        )
    return open_department_room(history.one(*DEPARTMENTS), "a department", version)


def a_move(history: History) -> AnyProposal:
    designation, user_id = history.one(ANNOUNCEMENTS, *map(of_department, DEPARTMENTS)), history.sender.user_id

    def propose(turn: Turn) -> str:
        room_id = turn.designated_room(designation)
        if room_id is None:
            return ""
        follow_directory(user_id, room_id).propose(turn)
        return room_id

    return Proposal(propose)


def a_feed(history: History) -> AnyProposal:
    new = NewRoom(
        version=room_version(history.one("10", "12")),
        preset="private_chat",
        invite=[history.sender.user_id],
        is_direct=True,
        initial_state=[InitialState("org.myelin.room", {"feed": history.one("critical", "reports")})],
    )
    return create_room(Sender(LAB, "ANALYSER"), new)


DIRECTORY_ACTS: list[Callable[[History], AnyProposal]] = [
    a_post,
    a_post,
    a_step_of_a_plan,
    a_step_of_a_plan,
    a_room_of_the_directory,
    a_move,
    a_move,
    a_feed,
]
