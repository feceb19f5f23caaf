"""Room aliases and the list of public rooms (client-server API, "Room aliases" and "Published room directory")."""

from __future__ import annotations

from myelin.actions.current_state import existing_room, own_room
from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import AliasSet, RoomPublished
from myelin.matrix.errors import AliasTaken, Forbidden, InvalidParam, NotFound
from myelin.matrix.identifiers import check_room_alias, server_name_of
from myelin.state.room import Room


def set_alias(sender: Sender, alias: str, room_id: str) -> Proposal[None]:
    """Propose that an alias leads to a room that the sender is in; `AliasTaken` where it leads anywhere already."""

    def propose(turn: Turn) -> None:
        check_own_alias(turn, alias)
        own_room(turn, room_id, sender.user_id)
        if turn.alias(alias) is not None:
            raise AliasTaken
        emit_alias(turn, sender, room_id, alias, removed=False)

    return Proposal(propose)


def delete_alias(sender: Sender, alias: str) -> Proposal[None]:
    """Propose that an alias leads nowhere: by whoever set it, or may say which alias the room goes by."""

    def propose(turn: Turn) -> None:
        found = turn.alias(check_room_alias(alias))
        if found is None:
            raise NotFound("there is no such room address")
        room = turn.room(found.room_id)
        if found.creator != sender.user_id and not (room is not None and names_room(room, sender.user_id)):
            raise Forbidden("this room address was set by somebody else")
        emit_alias(turn, sender, found.room_id, alias, removed=True)

    return Proposal(propose)


def publish_room(sender: Sender, room_id: str, listed: bool) -> Proposal[None]:
    """Propose that a room appears in the list of public rooms, or no longer."""

    def propose(turn: Turn) -> None:
        room = existing_room(turn, room_id)
        if not names_room(room, sender.user_id):
            raise Forbidden("you may not decide whether this room is listed")
        emit_listing(turn, sender, room_id, listed)

    return Proposal(propose)


def names_room(room: Room, user_id: str) -> bool:
    """Whether a person is in the room and may set the alias it goes by."""
    levels = room.power_levels
    able = levels.user_level(user_id) >= levels.required_for("m.room.canonical_alias", is_state=True)
    return able and room.membership(user_id) == "join"


def check_own_alias(turn: Turn, alias: str) -> None:
    """Raise `InvalidParam` where this is no alias of this server."""
    if server_name_of(check_room_alias(alias)) != turn.origin.server_name:
        raise InvalidParam("a room address here ends with the name of this server")


def emit_alias(turn: Turn, sender: Sender, room_id: str, alias: str, removed: bool) -> None:
    facts = AliasSet(alias, removed)
    turn.emit(Draft(facts=facts, room_id=room_id, sender=sender.user_id, device_id=sender.device_id))


def emit_listing(turn: Turn, sender: Sender, room_id: str, listed: bool) -> None:
    facts = RoomPublished(listed)
    turn.emit(Draft(facts=facts, room_id=room_id, sender=sender.user_id, device_id=sender.device_id))
