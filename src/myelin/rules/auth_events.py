"""Which state events give an event its right (server-server API, "Auth events selection")."""

from collections.abc import Iterator, Sequence

from myelin.matrix.errors import NotAuthorized
from myelin.matrix.events import Event
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import RoomVersion
from myelin.rules.membership import AUTHORISED_VIA

CREATE = ("m.room.create", "")
POWER_LEVELS = ("m.room.power_levels", "")
JOIN_RULES = ("m.room.join_rules", "")

StateKey = tuple[str, str]


def auth_event_keys(
    event_type: str, sender: str, state_key: str | None, content: JsonObject, version: RoomVersion
) -> tuple[StateKey, ...]:
    """The (type, state_key) pairs whose current events, where there are any, an event selects; none twice."""
    # The auth_events for the m.room.create event in a room is empty.
    if event_type == "m.room.create":
        return ()
    # Since version 12 the room_id implies the create event.
    common = () if version.create_room_id_is_hash else (CREATE,)
    keys = (*common, POWER_LEVELS, ("m.room.member", sender))
    if event_type != "m.room.member" or state_key is None:
        return keys
    return tuple(dict.fromkeys((*keys, *_member_keys(state_key, content))))


def check_auth_events(event: Event, auth_events: Sequence[Event], version: RoomVersion) -> None:
    """Raise `NotAuthorized` where the events that `event.auth_events` names are not those it may select.

    All of them were accepted: what was rejected is in no log.
    """
    selected = [(auth_event.type, auth_event.state_key) for auth_event in auth_events]
    # If there are duplicate entries for a given type and state_key pair, reject.
    if len(set(selected)) < len(selected):
        raise NotAuthorized("two auth events have the same type and state_key")
    # If there are entries that don't match those specified by the auth events selection algorithm, reject.
    allowed = auth_event_keys(event.type, event.sender, event.state_key, event.content, version)
    if not set(selected) <= set(allowed):
        raise NotAuthorized("an auth event gives no right to this event")
    # Before version 12: If there is no m.room.create event among the entries, reject.
    if CREATE in allowed and CREATE not in selected:
        raise NotAuthorized("the create event is missing among the auth events")
    # If any event in auth_events has a room_id which does not match that of the event, reject.
    if any(auth_event.room_id != event.room_id for auth_event in auth_events):
        raise NotAuthorized("an auth event is of another room")


def _member_keys(target: str, content: JsonObject) -> Iterator[StateKey]:
    membership = content.get("membership")
    # The target's current m.room.member event.
    yield ("m.room.member", target)
    # If membership is join, invite or knock, the current m.room.join_rules event.
    if membership in ("join", "invite", "knock"):
        yield JOIN_RULES
    # If membership is invite and content contains third_party_invite, the event with its token.
    token = _token(content)
    if membership == "invite" and token is not None:
        yield ("m.room.third_party_invite", token)
    # If membership is join and join_authorised_via_users_server is present, that user's m.room.member event.
    authoriser = content.get(AUTHORISED_VIA)
    if membership == "join" and isinstance(authoriser, str):
        yield ("m.room.member", authoriser)


def _token(content: JsonObject) -> str | None:
    invite = content.get("third_party_invite")
    signed = invite.get("signed") if isinstance(invite, dict) else None
    token = signed.get("token") if isinstance(signed, dict) else None
    return token if isinstance(token, str) else None
