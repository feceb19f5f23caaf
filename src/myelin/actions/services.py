"""Accounts of services: the laboratory, the operating theatre, alerts. IT makes them, and gives them their names."""

from __future__ import annotations

import msgspec

from myelin.actions.accounts import deactivate_account
from myelin.actions.passwords import Ending, set_password
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import AccountCreated, ProfileSet
from myelin.matrix.errors import InvalidUsername, NotFound, UserInUse
from myelin.matrix.reserved_names import is_service

TITLE_LIMIT_BYTES = 256


def add_service(user_id: str, title: str, password_hash: str) -> Proposal[None]:
    """Propose the account of a service, which is called by its title everywhere."""

    def propose(turn: Turn) -> None:
        if not is_service(user_id):
            raise InvalidUsername("the name of a service begins with an underscore, and _myelin is the server's own")
        if turn.user(user_id) is not None:
            raise UserInUse("there is or was a service of this name; choose another one")
        turn.emit(Draft(facts=AccountCreated("service"), sender=user_id))
        turn.emit(Draft(facts=ProfileSet("displayname"), sender=user_id, body=msgspec.json.encode(title)))
        turn.write("credentials", user_id=user_id, password=password_hash)

    return Proposal(propose)


def set_service_password(user_id: str, password_hash: str, ending: Ending | None) -> Proposal[int]:
    """Propose a new password of a service; the answer is how many sessions ended."""
    change = set_password(user_id, password_hash, ending)

    def propose(turn: Turn) -> int:
        check_service(turn, user_id)
        return change.propose(turn)

    return Proposal(propose)


def deactivate_service(user_id: str) -> Proposal[None]:
    """Propose that the account of a service is closed for ever."""
    close = deactivate_account(user_id, erase=False)

    def propose(turn: Turn) -> None:
        check_service(turn, user_id)
        close.propose(turn)

    return Proposal(propose)


def check_service(turn: Turn, user_id: str) -> None:
    """Raise `NotFound` where there is no such service."""
    user = turn.user(user_id)
    if user is None or user.account != "service":
        raise NotFound("there is no such service; `myelin service list` shows them")
