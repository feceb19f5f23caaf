"""Memberships (client-server API, "Room membership"): join, invite, knock, leave, kick, ban, unban, forget.

What changes nothing emits nothing: a repeated join, invitation, ban or leave is a success without an entry.
"""

from __future__ import annotations

from collections.abc import Collection

from myelin.actions.current_state import existing_room, put_state
from myelin.actions.profile import check_name
from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.room_events import NewEvent
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import RoomForgotten
from myelin.matrix.errors import Forbidden, InvalidParam, NotFound, StillInRoom
from myelin.matrix.identifiers import is_user_id, server_name_of
from myelin.matrix.json import JsonObject
from myelin.rules.membership import AUTHORISED_VIA
from myelin.state.room import Room

PRESENT = ("join", "invite", "knock")
RESTRICTED = ("restricted", "knock_restricted")
PROFILE_FIELDS = ("displayname", "avatar_url")


# --- of oneself ---


def join_room(sender: Sender, room_id: str, reason: str | None = None) -> Proposal[str]:
    """Propose that the sender joins; the answer is the room's id. To join again changes nothing."""

    def propose(turn: Turn) -> str:
        room = existing_room(turn, room_id)
        if room.membership(sender.user_id) == "join":
            return room_id
        content = member_content(turn, sender.user_id, "join", reason)
        content |= authorised_via(turn, room, sender.user_id)
        turn.send(room_id, member_event(sender, sender.user_id, content))
        return room_id

    return Proposal(propose)


def knock(sender: Sender, room_id: str, reason: str | None = None) -> Proposal[str]:
    """Propose that the sender asks to be let in; the answer is the room's id. To knock again changes nothing."""

    def propose(turn: Turn) -> str:
        room = existing_room(turn, room_id)
        if room.membership(sender.user_id) == "knock":
            return room_id
        content = member_content(turn, sender.user_id, "knock", reason)
        turn.send(room_id, member_event(sender, sender.user_id, content))
        return room_id

    return Proposal(propose)


def leave(sender: Sender, room_id: str, reason: str | None = None) -> Proposal[None]:
    """Propose that the sender leaves, rejects an invitation or withdraws a knock. Who has left may leave again."""

    def propose(turn: Turn) -> None:
        room = turn.room(room_id)
        if room is not None and room.membership(sender.user_id) == "leave":
            return
        content = member_content(turn, sender.user_id, "leave", reason)
        turn.send(room_id, member_event(sender, sender.user_id, content))

    return Proposal(propose)


def forget(sender: Sender, room_id: str) -> Proposal[None]:
    """Propose that the sender no longer wants to see a room; `StillInRoom` before they have left it."""

    def propose(turn: Turn) -> None:
        user = turn.user(sender.user_id)
        room = user.rooms.get(room_id) if user is not None else None
        if room is None:
            raise Forbidden("you have never been in this room")
        if room.membership in PRESENT:
            raise StillInRoom
        if not room.forgotten:
            facts = RoomForgotten()
            turn.emit(Draft(facts=facts, room_id=room_id, sender=sender.user_id, device_id=sender.device_id))

    return Proposal(propose)


# --- of others ---


def invite(sender: Sender, room_id: str, user_id: str, reason: str | None = None) -> Proposal[None]:
    """Propose that a person is invited."""

    def propose(turn: Turn) -> None:
        check_invitable(turn, user_id)
        check_not_crowded(turn, turn.room(room_id), sender, user_id)
        put_state(turn, room_id, member_event(sender, user_id, member_content(turn, user_id, "invite", reason)))

    return Proposal(propose)


def ban(sender: Sender, room_id: str, user_id: str, reason: str | None = None) -> Proposal[None]:
    """Propose that a person is banned, whether or not they have ever been in the room."""

    def propose(turn: Turn) -> None:
        check_user_id(user_id)
        put_state(turn, room_id, member_event(sender, user_id, member_content(turn, user_id, "ban", reason)))

    return Proposal(propose)


def kick(sender: Sender, room_id: str, user_id: str, reason: str | None = None) -> Proposal[None]:
    """Propose that a person is removed, or an invitation or a knock with them."""
    return remove(sender, room_id, user_id, reason, PRESENT, "this person is not in the room")


def unban(sender: Sender, room_id: str, user_id: str, reason: str | None = None) -> Proposal[None]:
    """Propose that a ban is lifted; the person may come back as anybody else may."""
    return remove(sender, room_id, user_id, reason, ("ban",), "this person is not banned")


def remove(
    sender: Sender, room_id: str, user_id: str, reason: str | None, among: Collection[str], otherwise: str
) -> Proposal[None]:
    """Propose that a person with one of these memberships has none any more; `Forbidden` with any other."""

    def propose(turn: Turn) -> None:
        room = turn.room(room_id)
        if room is not None and room.membership(user_id) not in among:
            raise Forbidden(otherwise)
        turn.send(room_id, member_event(sender, user_id, member_content(turn, user_id, "leave", reason)))

    return Proposal(propose)


# --- what a member event says ---


def member_event(sender: Sender, user_id: str, content: JsonObject) -> NewEvent:
    """Return a member event."""
    return NewEvent(
        type="m.room.member", sender=sender.user_id, content=content, state_key=user_id, device_id=sender.device_id
    )


def member_content(turn: Turn, user_id: str, membership: str, reason: str | None = None) -> JsonObject:
    """Return the content of a member event; names and pictures go with those who are here or asked to be."""
    content: JsonObject = {"membership": membership}
    if membership in PRESENT:
        content |= profile_of(turn, user_id)
    if reason is not None:
        content["reason"] = reason
    return content


def profile_of(turn: Turn, user_id: str) -> JsonObject:
    """Return the person's name and picture as they are now."""
    user = turn.user(user_id)
    fields = {name: getattr(user, name, None) for name in PROFILE_FIELDS}
    return {name: value for name, value in fields.items() if value is not None}


def authorised_via(turn: Turn, room: Room, user_id: str) -> JsonObject:
    """Return who lets a person in that is in a room which the join rule names; nothing where that does not apply."""
    if room.join_rule not in RESTRICTED or room.membership(user_id) in ("join", "invite"):
        return {}
    user = turn.user(user_id)
    rooms = user.rooms_with("join") if user is not None else []
    if not set(rooms) & set(room.join_allowed):
        return {}
    levels = room.power_levels
    able = next((member for member in room.joined() if levels.user_level(member) >= levels.invite), None)
    return {AUTHORISED_VIA: able} if able is not None else {}


def checked_content(turn: Turn, room: Room, sender: Sender, user_id: str, content: JsonObject) -> JsonObject:
    """Return the content of a member event that a client wrote itself, as far as it may.

    Who let somebody in is decided here, never by the client. One's own name in a room is one's own; other
    people's names are theirs.
    """
    check_user_id(user_id)
    content = {key: value for key, value in content.items() if key != AUTHORISED_VIA}
    if content.get("membership") == "invite":
        check_invitable(turn, user_id)
        check_not_crowded(turn, room, sender, user_id)
    if user_id != sender.user_id:
        profile = profile_of(turn, user_id)
        if any(name in content and content[name] != profile.get(name) for name in PROFILE_FIELDS):
            raise Forbidden("a person's name and picture are theirs to choose")
    content = with_hospitals_name(turn, user_id, content)
    if content.get("membership") == "join" and user_id == sender.user_id:
        content |= authorised_via(turn, room, user_id)
    return content


def with_hospitals_name(turn: Turn, user_id: str, content: JsonObject) -> JsonObject:
    """Return the content of a member event; whoever has their name from the hospital has no other in it."""
    user = turn.user(user_id)
    if user is None or not user.is_named_by_hospital:
        return content
    check_name(user, content.get("displayname", user.displayname))
    is_named = content.get("membership") in PRESENT
    return {**content, "displayname": user.displayname} if is_named else content


def check_not_crowded(turn: Turn, room: Room | None, sender: Sender, user_id: str) -> None:
    """Raise `Forbidden` where a third person would make a group of a direct chat, and the sender may make none."""
    if room is None or room.kind != "direct" or room.membership(sender.user_id) != "join":
        return
    others = [name for name, member in room.members.items() if member.membership in PRESENT and name != user_id]
    inviter = turn.user(sender.user_id)
    if len(others) > 1 and inviter is not None:
        turn.policy.check_company(inviter)


def check_user_id(user_id: str) -> None:
    """Raise `InvalidParam` where this is no user id."""
    if not is_user_id(user_id):
        raise InvalidParam("this is not a user id; one looks like @name:server")


def check_invitable(turn: Turn, user_id: str) -> None:
    """Raise `NotFound` for a person whom this server does not know, `Forbidden` for one it cannot reach."""
    check_user_id(user_id)
    if server_name_of(user_id) != turn.origin.server_name:
        raise Forbidden("this server does not exchange messages with other servers")
    user = turn.user(user_id)
    if user is None:
        raise NotFound("there is no such person here; check the user id")
    if user.account == "server":
        raise Forbidden("this is the server itself; it cannot be invited")
    if not user.active:
        raise Forbidden("this person's account has been closed")
