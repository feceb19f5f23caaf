"""A file is uploaded: the log takes note of its hash, when the file itself is durable already."""

from __future__ import annotations

import msgspec

from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import MediaUploaded


def upload_media(sender: Sender, file: MediaUploaded, file_name: str | None) -> Proposal[None]:
    """Propose the entry of a stored file. Its name may say something about a patient, so it is the body."""

    def propose(turn: Turn) -> None:
        body = msgspec.json.encode(file_name)
        turn.emit(Draft(facts=file, sender=sender.user_id, device_id=sender.device_id, body=body))

    return Proposal(propose)
