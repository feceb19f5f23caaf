"""Memberships (client-server API, "Room membership"): join, invite, knock, leave, kick, ban, unban, forget."""

from __future__ import annotations

from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.room_events import NewEvent
from myelin.append.turn import Turn
from myelin.matrix.json import JsonObject


def join_room(sender: Sender, room_id: str, reason: str | None = None) -> Proposal[str]:
    """Propose that the sender joins; the answer is the room's id. To join again changes nothing."""

    def propose(turn: Turn) -> str:
        room = turn.room(room_id)
        if room is not None and room.membership(sender.user_id) == "join":
            return room_id
        turn.send(room_id, member_event(turn, sender, sender.user_id, "join", reason))
        return room_id

    return Proposal(propose)


def invite(sender: Sender, room_id: str, user_id: str, reason: str | None = None) -> Proposal[None]:
    """Propose that a person is invited."""

    def propose(turn: Turn) -> None:
        turn.send(room_id, member_event(turn, sender, user_id, "invite", reason))

    return Proposal(propose)


def member_event(turn: Turn, sender: Sender, user_id: str, membership: str, reason: str | None) -> NewEvent:
    """Return a member event with the person's name and picture as they are now."""
    content = member_content(turn, user_id, membership)
    if reason is not None:
        content["reason"] = reason
    return NewEvent(
        type="m.room.member", sender=sender.user_id, content=content, state_key=user_id, device_id=sender.device_id
    )


def member_content(turn: Turn, user_id: str, membership: str) -> JsonObject:
    """Return the content of a member event; names and pictures go with those who are here or asked to be."""
    content: JsonObject = {"membership": membership}
    user = turn.user(user_id)
    if user is None or membership not in ("join", "invite", "knock"):
        return content
    if user.displayname is not None:
        content["displayname"] = user.displayname
    if user.avatar_url is not None:
        content["avatar_url"] = user.avatar_url
    return content


def invite_content(turn: Turn, user_id: str, is_direct: bool) -> JsonObject:
    """Return the content of an invitation; `is_direct` tells the invited client that this is a direct chat."""
    content = member_content(turn, user_id, "invite")
    return {**content, "is_direct": True} if is_direct else content
