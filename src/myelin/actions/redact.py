"""Redaction (client-server API, "Redactions"): what an event said is hidden, that it was sent is not."""

from __future__ import annotations

from myelin.actions.current_state import own_room
from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.room_events import NewEvent
from myelin.append.turn import Turn
from myelin.entries.entry import Entry, transaction_key
from myelin.matrix.errors import NotFound
from myelin.matrix.events import Event, redacted_body
from myelin.matrix.json import JsonObject
from myelin.rules.redactions import check_redaction
from myelin.state.room import Room


def redact(sender: Sender, room_id: str, event_id: str, content: JsonObject, transaction: str) -> Proposal[str]:
    """Propose the redaction of an event; the answer is the redaction's id, for a repeated transaction the first one's.

    `content` may hold a `reason`; `transaction` is the endpoint with its parameters and txnId.
    """
    new = NewEvent(
        type="m.room.redaction",
        sender=sender.user_id,
        content=content,
        redacts=event_id,
        device_id=sender.device_id,
        transaction=transaction,
    )

    def propose(turn: Turn) -> str:
        room = own_room(turn, room_id, sender.user_id)
        entry = turn.event(event_id)
        event = entry.event if entry is not None else None
        if entry is None or event is None or event.room_id != room_id:
            raise NotFound("there is no such event in this room")
        turn.policy.check_redaction(event.type)
        check_redaction(sender.user_id, event.sender, room)
        return redact_entry(turn, room, new, entry, event)

    key = transaction_key(sender.user_id, sender.device_id, room_id, transaction)
    return Proposal(propose, key=key, again=lambda redaction_id: redaction_id)


def redact_entry(turn: Turn, room: Room, new: NewEvent, entry: Entry, event: Event) -> str:
    """Emit the redaction, and have the readable body replaced unless that has happened; return the redaction's id."""
    position = turn.next_position
    redaction_id = turn.send(event.room_id, new).event_id
    if entry.erased_by is None and entry.body is not None:
        body = redacted_body(entry.body, room.version)
        turn.write("redacted_bodies", event_id=event.event_id, body=body.hex(), position=position)
    return redaction_id
