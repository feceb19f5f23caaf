"""Locks of devices: set by the device itself while it is open, gone with it."""

from __future__ import annotations

import msgspec

from myelin.actions.device_keys import device_of
from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn


class NewLock(msgspec.Struct, frozen=True):
    """A lock in hexadecimal digits: the hashes of its token and of what proves the PIN, and the server's half."""

    token_hash: str
    proof_hash: str | None
    half: str | None


def set_lock(sender: Sender, lock: NewLock) -> Proposal[None]:
    """Propose a lock of the sender's device, in place of the one that it has."""

    def propose(turn: Turn) -> None:
        device_of(turn, sender)
        fields = {name: getattr(lock, name) for name in lock.__struct_fields__}
        turn.write("device_locks", user_id=sender.user_id, device_id=sender.device_id, **fields)

    return Proposal(propose)


def remove_lock(sender: Sender) -> Proposal[None]:
    """Propose that the sender's device has no lock."""
    return Proposal(lambda turn: drop_lock(turn, sender.user_id, sender.device_id))


def drop_lock(turn: Turn, user_id: str, device_id: str) -> None:
    """Have a device's lock end with it."""
    turn.write("device_locks", user_id=user_id, device_id=device_id, token_hash=None)
