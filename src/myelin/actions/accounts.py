"""Accounts and sessions: created, signed in to, signed out of."""

from __future__ import annotations

from hashlib import sha256

import msgspec

from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import AccountCreated, DeviceAdded, SignedIn
from myelin.matrix.errors import UserInUse


class NewSession(msgspec.Struct, frozen=True):
    """The device and tokens of a sign-in; tokens are random and made by the edge."""

    device_id: str
    display_name: str | None
    access_token: str
    expires_at: int | None = None
    method: str = "m.login.password"


def create_account(user_id: str, password_hash: str | None, session: NewSession | None) -> Proposal[None]:
    """Propose a new account, with its first session unless login is inhibited."""

    def propose(turn: Turn) -> None:
        if turn.user(user_id) is not None:
            raise UserInUse
        turn.emit(Draft(facts=AccountCreated(), sender=user_id))
        if password_hash is not None:
            turn.write("credentials", user_id=user_id, password=password_hash)
        if session is not None:
            open_session(turn, user_id, session, known=False)

    return Proposal(propose)


def open_session(turn: Turn, user_id: str, session: NewSession, known: bool) -> None:
    """Emit the sign-in and store the hash of its token, which replaces an older one of the device."""
    facts = SignedIn(session.method) if known else DeviceAdded(session.method)
    body = msgspec.json.encode(session.display_name)
    turn.emit(Draft(facts=facts, sender=user_id, device_id=session.device_id, body=body))
    turn.write(
        "access_tokens",
        token_hash=sha256(session.access_token.encode()).hexdigest(),
        user_id=user_id,
        device_id=session.device_id,
        expires_at=session.expires_at,
    )
