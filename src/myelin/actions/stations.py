"""Stations: the computer of a ward that stays signed in, rings for everybody there and acts for nobody."""

from __future__ import annotations

import msgspec

from myelin.actions.accounts import deactivate_account
from myelin.actions.passwords import Ending, set_password
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import AccountCreated, ProfileSet
from myelin.matrix.errors import InvalidUsername, NotFound, UserInUse
from myelin.matrix.reserved_names import is_station


class NewStation(msgspec.Struct, frozen=True):
    """A station: what everybody calls it, and the department that it stands in."""

    user_id: str
    title: str
    department_id: str


def add_station(new: NewStation, password_hash: str) -> Proposal[None]:
    """Propose the account of a station; its department's room takes it in once it has signed in."""

    def propose(turn: Turn) -> None:
        if not is_station(new.user_id):
            raise InvalidUsername("this is no name of a station")
        if turn.user(new.user_id) is not None:
            raise UserInUse("there is or was a station of this name; choose another one")
        turn.emit(Draft(facts=AccountCreated("station", new.department_id), sender=new.user_id))
        turn.emit(Draft(facts=ProfileSet("displayname"), sender=new.user_id, body=msgspec.json.encode(new.title)))
        turn.write("credentials", user_id=new.user_id, password=password_hash)

    return Proposal(propose)


def set_station_password(user_id: str, password_hash: str) -> Proposal[int]:
    """Propose a new password of a station, which ends its sessions; the answer is how many."""
    change = set_password(user_id, password_hash, Ending())

    def propose(turn: Turn) -> int:
        check_station(turn, user_id)
        return change.propose(turn)

    return Proposal(propose)


def deactivate_station(user_id: str) -> Proposal[None]:
    """Propose that the account of a station is closed for ever."""
    close = deactivate_account(user_id, erase=False)

    def propose(turn: Turn) -> None:
        check_station(turn, user_id)
        close.propose(turn)

    return Proposal(propose)


def check_station(turn: Turn, user_id: str) -> None:
    """Raise `NotFound` where there is no such station."""
    user = turn.user(user_id)
    if user is None or user.account != "station":
        raise NotFound("there is no such station; `myelin station list` shows them")
