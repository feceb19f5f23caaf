"""A device's keys (client-server API, "Key management API"): published, added to, given out, gone with the device."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import DeviceKeysSet, OneTimeKeysAdded, OneTimeKeysClaimed
from myelin.matrix.errors import UnknownToken
from myelin.state.user import Device
from myelin.stores.one_time_keys import ClaimedKey, OneTimeKey


class KeyUpload(msgspec.Struct, frozen=True, kw_only=True):
    """What of an upload is new. `device_keys` is canonical JSON, None where they stay as they are.

    It was found to be new against the device keys of `keys_position` (-1: none).
    """

    keys_position: int
    device_keys: bytes | None = None
    one_time_keys: Sequence[OneTimeKey] = ()
    fallback_keys: Sequence[OneTimeKey] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to record."""
        return self.device_keys is None and not self.one_time_keys and not self.fallback_keys


def upload_keys(sender: Sender, upload: KeyUpload) -> Proposal[bool]:
    """Propose new keys of the sender's device; false where its identity keys have changed since they were read."""

    def propose(turn: Turn) -> bool:
        device = device_of(turn, sender)
        if device.keys_position != upload.keys_position:
            return False
        if upload.device_keys is not None:
            turn.emit(draft(sender, DeviceKeysSet(), upload.device_keys))
        if upload.one_time_keys or upload.fallback_keys:
            add_keys(turn, sender, device, upload)
        return True

    return Proposal(propose)


def add_keys(turn: Turn, sender: Sender, device: Device, upload: KeyUpload) -> None:
    entry = turn.emit(draft(sender, OneTimeKeysAdded(len(upload.one_time_keys), bool(upload.fallback_keys))))
    for table, keys in (("one_time_keys", upload.one_time_keys), ("fallback_keys", upload.fallback_keys)):
        for key in keys:
            turn.write(
                table,
                device_number=device.number,
                algorithm=key.algorithm,
                key_id=key.key_id,
                key=key.key,
                uploaded_at=entry.position,
            )


def keys_claimed(sender: Sender, claimed: Iterable[ClaimedKey]) -> Proposal[None]:
    """Propose that these devices learn what they have left.

    The keys are taken already. A crash in between leaves them taken and never given to anybody, which costs their
    device no more than the next upload; the other way round, one key could be given out twice.
    """
    names = tuple((key.wanted.user_id, key.wanted.device_id, key.wanted.algorithm) for key in claimed)

    def propose(turn: Turn) -> None:
        turn.emit(draft(sender, OneTimeKeysClaimed(names)))

    return Proposal(propose)


def drop_device_secrets(turn: Turn, device: Device) -> None:
    """Have the one-time keys of a device that goes, and what waits for it, deleted in the same transaction."""
    turn.write("vanished_devices", device_number=device.number)


def device_of(turn: Turn, sender: Sender) -> Device:
    """Return the sender's device; `UnknownToken` where it is gone."""
    user = turn.user(sender.user_id)
    device = user.devices.get(sender.device_id) if user is not None else None
    if device is None:
        raise UnknownToken("this session has ended; sign in again")
    return device


def draft(sender: Sender, facts: DeviceKeysSet | OneTimeKeysAdded | OneTimeKeysClaimed, body: bytes = b"null") -> Draft:
    return Draft(facts=facts, sender=sender.user_id, device_id=sender.device_id, body=body)
