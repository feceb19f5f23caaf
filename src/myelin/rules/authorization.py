"""Which events a room accepts (rooms/v10, v11 and v12, "Authorization rules").

Everything that decides acceptance is here and in the three modules beside it: membership, changes of power levels,
and the selection of auth events. They are functions of an event and the room before it. Nothing here reads a clock,
a table or the network, and nothing here knows about hospital policy: that is `policy`.
"""

from myelin.matrix.errors import NotAuthorized
from myelin.matrix.events import Event
from myelin.matrix.identifiers import is_user_id, server_name_of
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import ROOM_VERSIONS, RoomVersion
from myelin.rules.auth_events import auth_event_keys, check_auth_events
from myelin.rules.authorization_state import AuthorizationState
from myelin.rules.membership import check_membership
from myelin.rules.power_level_changes import check_power_levels

__all__ = ["AuthorizationState", "auth_event_keys", "check_auth_events", "check_authorized", "check_create"]


def check_authorized(event: Event, room: AuthorizationState) -> None:
    """Raise `NotAuthorized`, with the reason, where the room does not accept the event."""
    if event.type == "m.room.create":
        check_create(event, room.version)
        return
    # If the event's room_id is not an event ID for an accepted m.room.create event, reject.
    # Before version 12: If there is no m.room.create event among the auth_events, reject.
    if not room.has_create or event.room_id != room.room_id:
        raise NotAuthorized("there is no such room")
    # If m.federate is false, and the sender domain does not match the sender domain of the create event, reject.
    if not room.federated and server_name_of(event.sender) != server_name_of(room.creator):
        raise NotAuthorized("this room is only for people of the server that made it")
    if event.type == "m.room.member":
        check_membership(event, room)
        return
    # If the sender's current membership state is not join, reject.
    if room.membership(event.sender) != "join":
        raise NotAuthorized("you are not in this room; join it first")
    _check_level(event, room)


def check_create(event: Event, version: RoomVersion) -> None:
    """Raise `NotAuthorized` where a create event cannot begin a room of this version."""
    # If it has any prev_events, reject.
    if event.prev_events:
        raise NotAuthorized("this room exists already")
    if version.create_room_id_is_hash:
        _check_room_is_hash(event)
    # Before version 12: If the domain of the room_id does not match the domain of the sender, reject.
    elif server_name_of(event.room_id) != server_name_of(event.sender):
        raise NotAuthorized("a room belongs to the server of the person who makes it")
    _check_create_content(event.content, version)


def _check_create_content(content: JsonObject, version: RoomVersion) -> None:
    # If content.room_version is present and is not a recognised version, reject.
    stated = content.get("room_version", version.id)
    if not isinstance(stated, str) or stated not in ROOM_VERSIONS:
        raise NotAuthorized("this server does not support that room version")
    # Until version 10: If content has no creator property, reject.
    if version.creator_in_content and "creator" not in content:
        raise NotAuthorized("a room of this version must name its creator")
    # Since version 12: If additional_creators is present and is not an array of valid user IDs, reject.
    additional = content.get("additional_creators", [])
    if version.privileged_creators and not _are_user_ids(additional):
        raise NotAuthorized("additional_creators must be a list of user ids")


def _check_room_is_hash(event: Event) -> None:
    # Since version 12: If the event has a room_id, reject. (A room_id that is not its own hash was in the event.)
    if event.room_id[1:] != event.event_id[1:]:
        raise NotAuthorized("a room of this version is named by its create event")


def _check_level(event: Event, room: AuthorizationState) -> None:
    levels = room.power_levels
    sender_level = levels.user_level(event.sender)
    # If type is m.room.third_party_invite: Allow if and only if sender's level is at least the invite level.
    if event.type == "m.room.third_party_invite":
        if sender_level < levels.invite:
            raise NotAuthorized("you may not invite people to this room")
        return
    # If the event type's required power level is greater than the sender's power level, reject.
    required = levels.required_for(event.type, event.is_state)
    if required > sender_level:
        raise NotAuthorized(f"this needs power level {required} in this room; yours is {sender_level}")
    # If the event has a state_key that starts with an @ and does not match the sender, reject.
    if event.state_key is not None and event.state_key.startswith("@") and event.state_key != event.sender:
        raise NotAuthorized("state under a person's name can be set by that person only")
    if event.type == "m.room.power_levels":
        check_power_levels(event, room)


def _are_user_ids(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and is_user_id(item) for item in value)
