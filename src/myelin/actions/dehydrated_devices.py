"""Dehydrated devices (MSC3814): a person has at most one, which collects messages while nobody is signed in."""

from __future__ import annotations

import msgspec

from myelin.actions.device_keys import KeyUpload, add_keys, draft
from myelin.actions.sender import Sender
from myelin.actions.sessions import check_session, end_devices
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import DEHYDRATED, DeviceAdded, DeviceKeysSet
from myelin.matrix.errors import InvalidParam, NotFound
from myelin.state.user import Device, User


class NewDehydratedDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device as it is uploaded; `device_data` is JSON that only its owner can read."""

    device_id: str
    display_name: str | None
    device_data: str
    device_keys: bytes
    keys: KeyUpload


def dehydrate(sender: Sender, new: NewDehydratedDevice) -> Proposal[None]:
    """Propose a dehydrated device with all its keys, in the place of the one before it.

    Everything is in one batch: there is no moment at which others find a device that they cannot write to, and
    they hear of one change.
    """

    def propose(turn: Turn) -> None:
        check_session(turn, sender.user_id, sender.device_id)
        user = turn.user(sender.user_id)
        assert user is not None
        known = user.devices.get(new.device_id)
        if known is not None and not known.dehydrated:
            raise InvalidParam("this is the id of a device that somebody is signed in on")
        # Uploading a new dehydrated device will remove any previously-set dehydrated device.
        end_dehydrated(turn, user, "replaced")
        add_dehydrated(turn, Sender(sender.user_id, new.device_id), new)

    return Proposal(propose)


def add_dehydrated(turn: Turn, owner: Sender, new: NewDehydratedDevice) -> None:
    name = msgspec.json.encode(new.display_name)
    facts = DeviceAdded(DEHYDRATED)
    added = turn.emit(Draft(facts=facts, sender=owner.user_id, device_id=owner.device_id, body=name))
    turn.write("dehydrated_devices", device_number=added.position, device_data=new.device_data)
    turn.emit(draft(owner, DeviceKeysSet(), new.device_keys))
    add_keys(turn, owner, Device(added.position), new.keys)


def delete_dehydrated(sender: Sender) -> Proposal[str]:
    """Propose that the sender has no dehydrated device any more; the answer is its id."""

    def propose(turn: Turn) -> str:
        user = turn.user(sender.user_id)
        device_id = end_dehydrated(turn, user, "deleted") if user is not None else None
        if device_id is None:
            raise NotFound("you have no dehydrated device")
        return device_id

    return Proposal(propose)


def end_dehydrated(turn: Turn, user: User, reason: str) -> str | None:
    """End a person's dehydrated device with all that waits for it; return its id, None where there is none."""
    device_id = dehydrated_of(user)
    if device_id is not None:
        end_devices(turn, user.user_id, frozenset((device_id,)), reason)
    return device_id


def dehydrated_of(user: User) -> str | None:
    """Return the id of a person's dehydrated device, None where there is none."""
    return next((name for name, device in user.devices.items() if device.dehydrated), None)
