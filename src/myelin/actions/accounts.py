"""Accounts: created and closed. An id is never given out again."""

from __future__ import annotations

from myelin.actions.key_backup import drop_backups
from myelin.actions.sessions import NewSession, end_devices, open_session
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import AccountCreated, AccountDeactivated, ProfileSet
from myelin.matrix.errors import Exclusive, NotFound, UserInUse
from myelin.matrix.reserved_names import check_no_hand, is_reserved

PROFILE_FIELDS = ("displayname", "avatar_url")


def create_account(user_id: str, password_hash: str | None, session: NewSession | None) -> Proposal[None]:
    """Propose a new account, with its first session unless login is inhibited."""

    def propose(turn: Turn) -> None:
        if is_reserved(user_id):
            raise Exclusive
        if turn.user(user_id) is not None:
            raise UserInUse
        turn.emit(Draft(facts=AccountCreated(), sender=user_id))
        if password_hash is not None:
            turn.write("credentials", user_id=user_id, password=password_hash)
        if session is not None:
            open_session(turn, user_id, session, known=False)

    return Proposal(propose)


def deactivate_account(user_id: str, erase: bool) -> Proposal[None]:
    """Propose that an account is closed for ever: its sessions end here, its rooms are left by `departures`.

    The hash of the password stays, so that only who knows it learns why signing in fails; with `erase` it goes too,
    and so does the profile. To close it again changes nothing.
    """

    def propose(turn: Turn) -> None:
        check_no_hand(user_id)
        user = turn.user(user_id)
        if user is None:
            raise NotFound("there is no such account")
        if not user.active:
            return
        end_devices(turn, user_id, None, "deactivated")
        drop_backups(turn, user_id)
        if erase:
            take_away_profile(turn, user_id)
        turn.emit(Draft(facts=AccountDeactivated(erase), sender=user_id))

    return Proposal(propose)


def take_away_profile(turn: Turn, user_id: str) -> None:
    turn.write("credentials", user_id=user_id, password=None)
    user = turn.user(user_id)
    for field in PROFILE_FIELDS:
        if user is not None and getattr(user, field) is not None:
            turn.emit(Draft(facts=ProfileSet(field), sender=user_id))
