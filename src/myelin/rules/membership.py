"""Who may join, invite, leave, kick, ban and knock (rooms/v12, "Authorization rules", rule 5)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from myelin.matrix.errors import NotAuthorized
from myelin.matrix.events import Event
from myelin.matrix.identifiers import server_name_of
from myelin.matrix.json import JsonObject, JsonValue
from myelin.rules.authorization_state import AuthorizationState

AUTHORISED_VIA = "join_authorised_via_users_server"

Check: TypeAlias = Callable[[Event, str, AuthorizationState], None]
"""Raises `NotAuthorized` where the event may not change the membership of the person (the target) in the room."""


def check_membership(event: Event, room: AuthorizationState) -> None:
    """Raise `NotAuthorized` where the room does not accept the member event."""
    # If there is no state_key property, or no membership property in content, reject.
    if event.state_key is None or event.membership is None:
        raise NotAuthorized("a member event needs a state_key and a membership")
    # If content has join_authorised_via_users_server and the event is not signed by that user's homeserver, reject.
    if AUTHORISED_VIA in event.content and not _signed_by_server_of(event.content[AUTHORISED_VIA], event):
        raise NotAuthorized("the server of the authorising person did not sign this")
    check = MEMBERSHIP_CHECKS.get(event.membership)
    # Otherwise, the membership is unknown. Reject.
    if check is None:
        raise NotAuthorized("a membership is join, invite, leave, ban or knock")
    check(event, event.state_key, room)


def check_join(event: Event, target: str, room: AuthorizationState) -> None:
    """Raise `NotAuthorized` where the person may not join."""
    # If the only previous event is an m.room.create and the state_key is its sender, allow.
    if event.prev_events == (room.create_event_id,) and _makes_first_join(target, room):
        return
    # If the sender does not match state_key, reject.
    if event.sender != target:
        raise NotAuthorized("nobody can join for somebody else")
    # If the sender is banned, reject.
    if room.membership(target) == "ban":
        raise NotAuthorized("you are banned from this room")
    check = JOIN_RULE_CHECKS.get(room.join_rule)
    # Otherwise, reject.
    if check is None:
        raise NotAuthorized("this room has a join rule that lets nobody in")
    check(event, target, room)


def check_invited(event: Event, target: str, room: AuthorizationState) -> None:
    """Raise `NotAuthorized` where the person is neither invited nor joined already."""
    # If the join_rule is invite or knock then allow if membership state is invite or join.
    if room.membership(target) not in {"invite", "join"}:
        raise NotAuthorized("you need an invitation to this room")


def check_restricted_join(event: Event, target: str, room: AuthorizationState) -> None:
    """Raise `NotAuthorized` where nobody who may invite vouches for the person."""
    # If membership state is join or invite, allow.
    if room.membership(target) in {"invite", "join"}:
        return
    # If join_authorised_via_users_server is not a user with sufficient permission to invite, or is not joined, reject.
    authoriser = event.content.get(AUTHORISED_VIA)
    if not isinstance(authoriser, str) or room.membership(authoriser) != "join" or not _may_invite(authoriser, room):
        raise NotAuthorized("you need an invitation to this room, or membership in a room that it names")


def allow(event: Event, target: str, room: AuthorizationState) -> None:
    """Accept: the join rule is public."""


def check_invite(event: Event, target: str, room: AuthorizationState) -> None:
    """Raise `NotAuthorized` where the sender may not invite the person."""
    if "third_party_invite" in event.content:
        check_third_party_invite(event, target, room)
        return
    # If the sender's current membership state is not join, reject.
    _check_sender_joined(event, room)
    # If target user's current membership state is join or ban, reject.
    if room.membership(target) == "join":
        raise NotAuthorized("this person is in the room already")
    if room.membership(target) == "ban":
        raise NotAuthorized("this person is banned from the room; unban them first")
    # If the sender's power level is greater than or equal to the invite level, allow. Otherwise, reject.
    if not _may_invite(event.sender, room):
        raise NotAuthorized("you may not invite people to this room")


def check_third_party_invite(event: Event, target: str, room: AuthorizationState) -> None:
    """Raise `NotAuthorized` where the invitation was not made for this person."""
    # If target user is banned, reject.
    if room.membership(target) == "ban":
        raise NotAuthorized("this person is banned from the room; unban them first")
    # If there is no signed property, or signed does not have mxid and token, reject.
    signed = _object(_object(event.content["third_party_invite"]).get("signed"))
    token = signed.get("token")
    # If mxid does not match state_key, reject.
    if signed.get("mxid") != target or not isinstance(token, str):
        raise NotAuthorized("this invitation was made for somebody else")
    # If there is no m.room.third_party_invite event with state_key matching token, reject.
    # If sender does not match sender of the m.room.third_party_invite, reject.
    invite = room.third_party_invite(token)
    if invite is None or invite.sender != event.sender:
        raise NotAuthorized("there is no such invitation")
    # If any signature in signed matches any public key in the m.room.third_party_invite event, allow.
    if not invite.signed(signed):
        raise NotAuthorized("this invitation is not signed by the service that it names")


def check_leave(event: Event, target: str, room: AuthorizationState) -> None:
    """Raise `NotAuthorized` where the person may not leave, or the sender not remove or unban them."""
    # If the sender matches state_key, allow if and only if that user's membership is invite, join, or knock.
    if event.sender == target:
        if room.membership(target) not in {"invite", "join", "knock"}:
            raise NotAuthorized("you are not in this room")
        return
    # If the sender's current membership state is not join, reject.
    _check_sender_joined(event, room)
    levels = room.power_levels
    # If the target user is banned, and the sender's power level is less than the ban level, reject.
    if room.membership(target) == "ban" and levels.user_level(event.sender) < levels.ban:
        raise NotAuthorized("you may not lift bans in this room")
    # If the sender's level is at least the kick level, and the target user's is less than the sender's, allow.
    _check_above(event.sender, target, levels.kick, room)


def check_ban(event: Event, target: str, room: AuthorizationState) -> None:
    """Raise `NotAuthorized` where the sender may not ban the person."""
    # If the sender's current membership state is not join, reject.
    _check_sender_joined(event, room)
    # If the sender's level is at least the ban level, and the target user's is less than the sender's, allow.
    _check_above(event.sender, target, room.power_levels.ban, room)


def check_knock(event: Event, target: str, room: AuthorizationState) -> None:
    """Raise `NotAuthorized` where the person may not ask to be let in."""
    # If the join_rule is anything other than knock or knock_restricted, reject.
    if room.join_rule not in {"knock", "knock_restricted"}:
        raise NotAuthorized("this room takes no requests to join")
    # If sender does not match state_key, reject.
    if event.sender != target:
        raise NotAuthorized("nobody can knock for somebody else")
    # If the sender's current membership is not ban, invite, or join, allow. Otherwise, reject.
    if room.membership(target) in {"ban", "invite", "join"}:
        raise NotAuthorized("you are in this room, invited to it or banned from it")


MEMBERSHIP_CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "join": check_join,
        "invite": check_invite,
        "leave": check_leave,
        "ban": check_ban,
        "knock": check_knock,
    }
)

JOIN_RULE_CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "public": allow,
        "invite": check_invited,
        "knock": check_invited,
        "restricted": check_restricted_join,
        "knock_restricted": check_restricted_join,
    }
)


def _makes_first_join(target: str, room: AuthorizationState) -> bool:
    # Until version 10 the creator is named in the content; since version 12 there may be several, but one sender.
    return target in room.creators if room.version.creator_in_content else target == room.creator


def _signed_by_server_of(user_id: JsonValue, event: Event) -> bool:
    # An event bears the signature of its sender's server; that of another one comes with federation.
    return isinstance(user_id, str) and server_name_of(user_id) == server_name_of(event.sender)


def _may_invite(user_id: str, room: AuthorizationState) -> bool:
    return room.power_levels.user_level(user_id) >= room.power_levels.invite


def _check_sender_joined(event: Event, room: AuthorizationState) -> None:
    if room.membership(event.sender) != "join":
        raise NotAuthorized("you are not in this room; join it first")


def _check_above(sender: str, target: str, required: int, room: AuthorizationState) -> None:
    sender_level = room.power_levels.user_level(sender)
    if sender_level < required:
        raise NotAuthorized(f"this needs power level {required} in this room; yours is {sender_level}")
    if room.power_levels.user_level(target) >= sender_level:
        raise NotAuthorized("this person's power level in this room is not below yours")


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}
