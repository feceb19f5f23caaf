"""A person's devices: their names. How they begin and end is `sessions`."""

from __future__ import annotations

import msgspec

from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import DeviceRenamed
from myelin.matrix.errors import NotFound


def rename_device(sender: Sender, device_id: str, display_name: str) -> Proposal[None]:
    """Propose a new display name for one of the sender's devices."""

    def propose(turn: Turn) -> None:
        user = turn.user(sender.user_id)
        if user is None or device_id not in user.devices:
            raise NotFound("you have no such device")
        body = msgspec.json.encode(display_name)
        turn.emit(Draft(facts=DeviceRenamed(), sender=sender.user_id, device_id=device_id, body=body))

    return Proposal(propose)
