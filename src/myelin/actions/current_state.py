"""The present state of a room as actions compare it: an equal state event is not written again."""

from __future__ import annotations

from myelin.append.room_events import NewEvent
from myelin.append.turn import Turn
from myelin.matrix.errors import NotAuthorized, NotFound
from myelin.matrix.events import Event
from myelin.state.room import Room


def put_state(turn: Turn, room_id: str, new: NewEvent) -> str:
    """Emit a state event unless the present one has the same sender and content; return the id of what holds then."""
    room = turn.room(room_id)
    if room is not None and room.membership(new.sender) == "join":
        current = current_event(turn, room, new.type, new.state_key or "")
        if current is not None and (current.sender, current.content) == (new.sender, new.content):
            return current.event_id
    return turn.send(room_id, new).event_id


def current_event(turn: Turn, room: Room, event_type: str, state_key: str) -> Event | None:
    """Return the state event that holds now, None where there is none."""
    ref = room.state.get((event_type, state_key))
    entry = turn.event(ref.event_id) if ref is not None else None
    return entry.event if entry is not None else None


def existing_room(turn: Turn, room_id: str) -> Room:
    """Return a room; `NotFound` where there is none."""
    room = turn.room(room_id)
    if room is None:
        raise NotFound("there is no such room")
    return room


def own_room(turn: Turn, room_id: str, user_id: str) -> Room:
    """Return a room that the person is in; `NotAuthorized` where they are not, or there is no such room."""
    room = turn.room(room_id)
    if room is None or room.membership(user_id) != "join":
        raise NotAuthorized("you are not in this room; join it first")
    return room
