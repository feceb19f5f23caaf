"""Sessions: a device gets its tokens, exchanges them, loses them. Tokens are made by the edge and kept as hashes."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from myelin.actions.device_keys import drop_device_secrets
from myelin.actions.device_locks import drop_lock
from myelin.actions.pushers import drop_pushers
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import DeviceAdded, DeviceRemoved, SignedIn
from myelin.matrix.errors import Forbidden, UnknownToken, UserDeactivated
from myelin.matrix.reserved_names import check_no_hand
from myelin.stores.tokens import hashed

REFRESH = "refresh"


class Tokens(msgspec.Struct, frozen=True):
    """A pair of tokens in clear; without `refresh_token` the session is not refreshed. `expires_at` in ms."""

    access_token: str
    refresh_token: str | None = None
    expires_at: int | None = None


class NewSession(msgspec.Struct, frozen=True):
    """The device and the tokens of a sign-in."""

    device_id: str
    display_name: str | None
    tokens: Tokens
    method: str = "m.login.password"


class RenewedPassword(msgspec.Struct, frozen=True):
    """A hash of the same password at today's cost, to replace `before`."""

    password: str
    before: str


def sign_in(user_id: str, session: NewSession, renewed: RenewedPassword | None = None) -> Proposal[None]:
    """Propose a session of somebody whose password was right; a device that is there gets new tokens."""

    def propose(turn: Turn) -> None:
        check_no_hand(user_id)
        user = turn.user(user_id)
        if user is None:
            raise Forbidden("there is no such account")
        if not user.active:
            raise UserDeactivated
        if renewed is not None:
            turn.write("credentials", user_id=user_id, password=renewed.password, before=renewed.before)
        known = user.devices.get(session.device_id)
        if known is not None and known.dehydrated:
            raise Forbidden("this is the id of your dehydrated device; sign in as another device")
        open_session(turn, user_id, session, known=known is not None)

    return Proposal(propose)


def open_session(turn: Turn, user_id: str, session: NewSession, known: bool) -> None:
    """Emit the sign-in and store its tokens, which replace those that the device had."""
    facts = SignedIn(session.method) if known else DeviceAdded(session.method)
    # A device that is known keeps its name.
    body = b"null" if known else msgspec.json.encode(session.display_name)
    turn.emit(Draft(facts=facts, sender=user_id, device_id=session.device_id, body=body))
    write_session(turn, "opened", user_id, session.device_id, session.tokens)


def refresh(user_id: str, device_id: str, old: bytes, unconfirmed: bool, tokens: Tokens) -> Proposal[None]:
    """Propose new tokens for the session whose access token has the hash `old`.

    The old pair works until the new one is used: a client that lost this answer asks again.
    """

    def propose(turn: Turn) -> None:
        check_session(turn, user_id, device_id)
        if unconfirmed:
            # Refreshing uses the old pair, and so ends what it was made from in every process.
            turn.emit(Draft(facts=SignedIn(REFRESH), sender=user_id, device_id=device_id))
        write_session(turn, "refreshed", user_id, device_id, tokens, parent=old.hex())

    return Proposal(propose)


def confirm_refresh(user_id: str, device_id: str, token_hash: bytes) -> Proposal[None]:
    """Propose that a refreshed access token is used for the first time, which ends what it was made from."""

    def propose(turn: Turn) -> None:
        check_session(turn, user_id, device_id)
        turn.emit(Draft(facts=SignedIn(REFRESH), sender=user_id, device_id=device_id))
        turn.write("sessions", change="confirmed", token_hash=token_hash.hex())

    return Proposal(propose)


def sign_out(user_id: str, device_ids: Iterable[str], reason: str) -> Proposal[None]:
    """Propose that devices end, with their tokens and keys; those that are not there are left out."""
    wanted = frozenset(device_ids)

    def propose(turn: Turn) -> None:
        end_devices(turn, user_id, wanted, reason)

    return Proposal(propose)


def sign_out_everywhere(user_id: str, reason: str) -> Proposal[int]:
    """Propose that all devices of a person end; the answer is how many did."""

    def propose(turn: Turn) -> int:
        return end_devices(turn, user_id, None, reason)

    return Proposal(propose)


def end_devices(turn: Turn, user_id: str, wanted: frozenset[str] | None, reason: str, kept: str | None = None) -> int:
    """End the wanted devices of a person (None: all but `kept`); return how many."""
    user = turn.user(user_id)
    present = user.devices if user is not None else {}
    ending = [name for name in present if name != kept and (wanted is None or name in wanted)]
    for device_id in ending:
        drop_device_secrets(turn, present[device_id])
        end_device(turn, user_id, device_id, reason)
    return len(ending)


def end_device(turn: Turn, user_id: str, device_id: str, reason: str) -> None:
    """End one device: whatever stores keep for it goes with it."""
    turn.emit(Draft(facts=DeviceRemoved(reason), sender=user_id, device_id=device_id))
    turn.write("sessions", change="ended", user_id=user_id, device_id=device_id)
    drop_pushers(turn, user_id, device_id)
    drop_lock(turn, user_id, device_id)


def check_session(turn: Turn, user_id: str, device_id: str) -> None:
    """Raise `UnknownToken` where the session ended while its request was under way."""
    user = turn.user(user_id)
    if user is None or device_id not in user.devices:
        raise UnknownToken("this session has ended; sign in again")


def write_session(
    turn: Turn, change: str, user_id: str, device_id: str, tokens: Tokens, parent: str | None = None
) -> None:
    turn.write(
        "sessions",
        change=change,
        user_id=user_id,
        device_id=device_id,
        token_hash=hashed(tokens.access_token).hex(),
        refresh_hash=hashed(tokens.refresh_token).hex() if tokens.refresh_token is not None else None,
        expires_at=tokens.expires_at,
        parent=parent,
    )
