"""Reporting what is inappropriate: the log keeps who reported what, and why, for those who answer for the server."""

from __future__ import annotations

import msgspec

from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import Reported
from myelin.matrix.errors import NotFound


def report(sender: Sender, reported: Reported, room_id: str | None, reason: str | None) -> Proposal[None]:
    """Propose the entry of a report. The reason is the body; `NotFound` where the room or person does not exist."""

    def propose(turn: Turn) -> None:
        if room_id is not None and turn.room(room_id) is None:
            raise NotFound("there is no such room")
        if reported.user_id is not None and turn.user(reported.user_id) is None:
            raise NotFound("there is no such person")
        body = msgspec.json.encode(reason)
        turn.emit(Draft(facts=reported, room_id=room_id, sender=sender.user_id, device_id=sender.device_id, body=body))

    return Proposal(propose)
