"""Setting room state (client-server API, "Sending events to a room")."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.actions.current_state import current_event, own_room, put_state
from myelin.actions.members import checked_content
from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.room_events import NewEvent
from myelin.append.turn import Turn
from myelin.matrix.errors import BadAlias, InvalidParam
from myelin.matrix.identifiers import is_room_alias
from myelin.matrix.json import JsonObject, JsonValue
from myelin.state.room import Room


def set_state(sender: Sender, room_id: str, event_type: str, state_key: str, content: JsonObject) -> Proposal[str]:
    """Propose a state event; the answer is its id, or that of the present one where it says the same."""

    def propose(turn: Turn) -> str:
        turn.policy.check_state_type(event_type)
        checked = content
        if event_type == "m.room.member":
            room = turn.room(room_id)
            checked = checked_content(turn, room, sender, state_key, content) if room is not None else content
        elif event_type == "m.room.canonical_alias":
            check_canonical_alias(turn, own_room(turn, room_id, sender.user_id), content)
        return put_state(turn, room_id, state_event(sender, event_type, state_key, checked))

    return Proposal(propose)


def state_event(sender: Sender, event_type: str, state_key: str, content: JsonObject) -> NewEvent:
    """Return a state event as somebody wants it; `InvalidParam` where it has no type or what no room can hold."""
    if not event_type or "\x00" in event_type or "\x00" in state_key:
        raise InvalidParam("an event needs a type; type and state_key may not hold a zero character")
    return NewEvent(
        type=event_type,
        sender=sender.user_id,
        content=content,
        state_key=state_key,
        device_id=sender.device_id,
    )


def check_canonical_alias(turn: Turn, room: Room, content: JsonObject) -> None:
    """Raise where an alias that this content adds is no alias (`InvalidParam`) or leads elsewhere (`BadAlias`)."""
    current = current_event(turn, room, "m.room.canonical_alias", "")
    # Servers do not validate aliases which are being removed or are already present in the state event.
    known = set(aliases_of(current.content)) if current is not None else set()
    for alias in aliases_of(content):
        if alias in known:
            continue
        target = turn.alias(alias) if is_room_alias(alias) else None
        if target is None or target.room_id != room.room_id:
            raise BadAlias if is_room_alias(alias) else InvalidParam("this is not a room alias")


def aliases_of(content: JsonObject) -> Iterator[str]:
    """Yield the aliases of an `m.room.canonical_alias`; `InvalidParam` where one is no text."""
    others = content.get("alt_aliases")
    named: list[JsonValue] = [content.get("alias"), *(others if isinstance(others, list) else [])]
    for alias in named:
        if alias is None or alias == "":
            continue
        if not isinstance(alias, str):
            raise InvalidParam("a room alias is a text")
        yield alias
