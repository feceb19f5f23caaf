"""First passwords: a code is issued, and its person sets a password of their own with it, once.

The log says that a code was issued and that a password was set; the code itself is a secret of the store.
"""

from __future__ import annotations

import msgspec

from myelin.actions.passwords import set_password
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import ActivationIssued
from myelin.matrix.errors import Forbidden, NotFound, UserDeactivated

# The same sentence for an unknown number and a wrong code, so that nobody learns who exists.
REFUSAL = (
    "the number or the code is wrong, or the code is used up; check both, or ask your IT department for a new code"
)
TOO_OLD = "this code is too old; ask your IT department for a new one"


class NewCode(msgspec.Struct, frozen=True):
    """A code by its SHA-256 in hexadecimal digits, and until when it counts in ms."""

    code_hash: str
    expires_at: int


def issue_code(user_id: str, code: NewCode) -> Proposal[None]:
    """Propose that a person may set a password with this code; an earlier code is void."""

    def propose(turn: Turn) -> None:
        user = turn.user(user_id)
        if user is None:
            raise NotFound("there is no such account")
        if not user.active:
            raise UserDeactivated
        position = turn.emit(Draft(facts=ActivationIssued(), sender=user_id)).position
        turn.write(
            "activation_codes",
            user_id=user_id,
            code_hash=code.code_hash,
            position=position,
            expires_at=code.expires_at,
        )

    return Proposal(propose)


def activate(user_id: str, issued_position: int, password_hash: str) -> Proposal[None]:
    """Propose a first password by the code that was issued at a position; `Forbidden` where it was used meanwhile."""
    first = set_password(user_id, password_hash, ending=None)

    def propose(turn: Turn) -> None:
        user = turn.user(user_id)
        if user is None or user.activation_position != issued_position:
            raise Forbidden(REFUSAL)
        turn.write("activation_codes", user_id=user_id, code_hash=None)
        first.propose(turn)

    return Proposal(propose)
