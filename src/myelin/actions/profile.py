"""A person's own profile (client-server API, "Profiles"), and how a new name or picture spreads to their rooms."""

from __future__ import annotations

import msgspec

from myelin.actions.sender import Sender
from myelin.append.proposal import Lane, Needs, Proposal
from myelin.append.room_events import NewEvent
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import ProfileSet
from myelin.matrix.errors import Forbidden
from myelin.matrix.json import JsonObject, JsonValue
from myelin.state.user import User

# What a member event repeats from the profile.
SPREAD_FIELDS = ("displayname", "avatar_url")
# What belongs to one change of membership and not to the next.
PASSING_FIELDS = frozenset({"reason", "join_authorised_via_users_server", "third_party_invite", "is_direct"})


def set_profile_field(sender: Sender, field: str, value: JsonValue) -> Proposal[None]:
    """Propose a new value of one field; None takes the field away."""
    body = msgspec.json.encode(value)
    draft = Draft(facts=ProfileSet(field), body=body, sender=sender.user_id, device_id=sender.device_id)

    def propose(turn: Turn) -> None:
        user = turn.user(sender.user_id)
        if field == "displayname" and user is not None:
            check_name(user, value)
        turn.emit(draft)

    return Proposal(propose)


def check_name(user: User, name: JsonValue) -> None:
    """Raise `Forbidden` where a person whose name is the hospital's would be called otherwise."""
    if user.is_named_by_hospital and name != user.displayname:
        raise Forbidden("names come from the hospital's directory; ask your IT department where yours is wrong")


def spread_profile(user_id: str, room_id: str, event_id: str) -> Proposal[None]:
    """Propose a member event with the person's present name and picture, where the room shows another.

    Decided on the state at its turn: proposed twice or after a crash it writes nothing a second time. `event_id` is
    that of the member event that the room shows, as far as is known.
    """

    def propose(turn: Turn) -> None:
        user, room = turn.user(user_id), turn.room(room_id)
        if user is None or room is None or room.membership(user_id) != "join":
            return
        entry = turn.event(room.members[user_id].event_id)
        content = entry.event.content if entry is not None and entry.event is not None else {}
        wanted = with_profile(content, user)
        if any(content.get(field) != wanted.get(field) for field in SPREAD_FIELDS):
            turn.send(room_id, NewEvent(type="m.room.member", sender=user_id, content=wanted, state_key=user_id))

    return Proposal(propose, lane=Lane.BULK, needs=Needs((user_id,), (room_id,), (event_id,)))


def with_profile(content: JsonObject, user: User) -> JsonObject:
    """Return the content of a member event with the person's name and picture in place of those it had."""
    kept = {key: value for key, value in content.items() if key not in (*SPREAD_FIELDS, *PASSING_FIELDS)}
    profile = {"displayname": user.displayname, "avatar_url": user.avatar_url}
    return {**kept, "membership": "join"} | {key: value for key, value in profile.items() if value is not None}
