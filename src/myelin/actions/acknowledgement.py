"""Acknowledging a message (收到): its sender asks, those who are asked acknowledge, the missing are reminded.

What is allowed is decided by `policy.acknowledgement` as for any event; here the events are made, and what is said
already is not said again.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from myelin.actions.current_state import own_room
from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.room_events import NewEvent
from myelin.append.turn import Turn
from myelin.matrix.json import JsonObject, JsonValue
from myelin.matrix.reserved_names import is_hand
from myelin.state.acknowledgement import ACK, REMINDER, REQUEST
from myelin.state.room import Room


class Wanted(msgspec.Struct, frozen=True):
    """Who shall acknowledge, None for everybody who is in the room then, and until when (ms since the epoch)."""

    user_ids: Sequence[str] | None
    until: int


def request_acknowledgement(sender: Sender, room_id: str, event_id: str, wanted: Wanted) -> Proposal[str]:
    """Propose to ask; the answer is the id of the request, for the same again that of the present one."""

    def propose(turn: Turn) -> str:
        room = own_room(turn, room_id, sender.user_id)
        user_ids = sorted(set(everybody(room, sender) if wanted.user_ids is None else wanted.user_ids))
        asked, message = turn.acknowledgement(event_id).asked, turn.event(event_id)
        is_own = message is not None and message.sender == sender.user_id
        if is_own and asked is not None and (list(asked.user_ids), asked.until) == (user_ids, wanted.until):
            return asked.event_id
        names: list[JsonValue] = [*user_ids]
        return send(turn, room_id, sender, REQUEST, event_id, {"user_ids": names, "until": wanted.until})

    return Proposal(propose)


def acknowledge(sender: Sender, room_id: str, event_id: str) -> Proposal[str]:
    """Propose an acknowledgement; the answer is its id, for whoever has acknowledged already that of the first."""

    def propose(turn: Turn) -> str:
        own_room(turn, room_id, sender.user_id)
        acked = turn.acknowledgement(event_id).acked.get(sender.user_id)
        message = turn.event(event_id)
        if acked is not None and message is not None and message.room_id == room_id:
            return acked.event_id
        return send(turn, room_id, sender, ACK, event_id, {})

    return Proposal(propose)


def remind(sender: Sender, room_id: str, event_id: str) -> Proposal[tuple[str, list[str]]]:
    """Propose to remind those who are missing; the answer is the reminder's id and whom it names."""

    def propose(turn: Turn) -> tuple[str, list[str]]:
        missing = turn.acknowledgement(event_id).missing(own_room(turn, room_id, sender.user_id))
        names: list[JsonValue] = [*missing]
        return send(turn, room_id, sender, REMINDER, event_id, {"m.mentions": {"user_ids": names}}), missing

    return Proposal(propose)


def everybody(room: Room, sender: Sender) -> list[str]:
    """Return who is in the room but the sender and the server's hand."""
    return [user_id for user_id in room.joined() if user_id != sender.user_id and not is_hand(user_id)]


def send(turn: Turn, room_id: str, sender: Sender, event_type: str, event_id: str, content: JsonObject) -> str:
    """Emit an event that refers to a message; return its id."""
    relation: JsonObject = {"rel_type": "m.reference", "event_id": event_id}
    content = {"m.relates_to": relation, **content}
    new = NewEvent(type=event_type, sender=sender.user_id, content=content, device_id=sender.device_id)
    return turn.send(room_id, new).event_id
