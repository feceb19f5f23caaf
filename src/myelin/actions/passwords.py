"""A password is replaced, by its owner or by IT. The hash never enters the log."""

from __future__ import annotations

import msgspec

from myelin.actions.sessions import end_devices
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import PasswordChanged
from myelin.matrix.errors import NotFound, UserDeactivated
from myelin.matrix.reserved_names import check_no_hand


class Ending(msgspec.Struct, frozen=True):
    """Which sessions a new password ends: all but `kept`."""

    kept: str | None = None


def set_password(
    user_id: str, password_hash: str, ending: Ending | None, device_id: str | None = None
) -> Proposal[int]:
    """Propose a new password; without `ending` every session goes on. The answer is how many sessions ended.

    `device_id` is that of the owner who changes it, None where IT does.
    """

    def propose(turn: Turn) -> int:
        check_no_hand(user_id)
        user = turn.user(user_id)
        if user is None:
            raise NotFound("there is no such account")
        if not user.active:
            raise UserDeactivated
        turn.emit(Draft(facts=PasswordChanged(), sender=user_id, device_id=device_id))
        turn.write("credentials", user_id=user_id, password=password_hash)
        return end_devices(turn, user_id, None, "password", ending.kept) if ending is not None else 0

    return Proposal(propose)
