"""Redaction (client-server API, "Redactions"): what an event said is hidden, that it was sent is not."""

from __future__ import annotations

from msgspec.structs import replace

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
from myelin.rules.relations import REPLACE
from myelin.state.room import Room

REACTION = "m.reaction"


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
        check_recall(turn, room, sender, entry, event)
        return redact_entry(turn, room, new, entry, event)

    key = transaction_key(sender.user_id, sender.device_id, room_id, transaction)
    return Proposal(propose, key=key, again=lambda redaction_id: redaction_id)


def check_recall(turn: Turn, room: Room, sender: Sender, entry: Entry, event: Event) -> None:
    """Raise `Forbidden` where somebody takes back their own words too late; moderators and services may."""
    user, levels = turn.user(sender.user_id), room.power_levels
    is_free = user is None or user.account != "person" or levels.user_level(sender.user_id) >= levels.redact
    if event.sender == sender.user_id and event.type != REACTION and not is_free:
        turn.policy.check_recall(turn.at - entry.at)


def redact_entry(turn: Turn, room: Room, new: NewEvent, entry: Entry, event: Event) -> str:
    """Emit the redaction, and have readable bodies replaced unless that has happened; return the redaction's id.

    What somebody has recalled is not to be read in its edits: they go along, in the same entry.
    """
    position = turn.next_position
    edits = turn.children(event.event_id, REPLACE, event.sender)
    new = replace(new, redacts_edits=tuple(edit.event_id for edit in edits if edit.event_id is not None))
    redaction_id = turn.send(event.room_id, new).event_id
    for each in (entry, *edits):
        if each.erased_by is None and each.body is not None:
            body = redacted_body(each.body, room.version)
            turn.write("redacted_bodies", event_id=each.event_id, body=body.hex(), position=position)
    return redaction_id
