"""Sending a message event (client-server API, "Sending events to a room")."""

from __future__ import annotations

from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.room_events import NewEvent
from myelin.append.turn import Turn
from myelin.entries.entry import transaction_key
from myelin.matrix.json import JsonObject


def send_event(sender: Sender, room_id: str, event_type: str, content: JsonObject, txn_id: str) -> Proposal[str]:
    """Propose a message event; the answer is its id, for a repeated `txn_id` the id that the first one got."""
    transaction = f"send/{event_type}/{txn_id}"
    new = NewEvent(
        type=event_type,
        sender=sender.user_id,
        content=content,
        device_id=sender.device_id,
        transaction=transaction,
    )

    def propose(turn: Turn) -> str:
        return turn.send(room_id, new).event_id

    key = transaction_key(sender.user_id, sender.device_id, room_id, transaction)
    return Proposal(propose, key=key, again=lambda event_id: event_id)
