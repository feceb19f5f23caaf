"""Making a room (client-server API, "Creation"): the create event and all that follows it, in one turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from myelin.actions.members import invite_content, member_content
from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.room_events import NewEvent
from myelin.append.turn import Turn
from myelin.matrix.errors import InvalidParam
from myelin.matrix.identifiers import encode_base64url
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import RoomVersion

ENCRYPTION: JsonObject = {"algorithm": "m.megolm.v1.aes-sha2"}
ROOM_ID_BYTES = 18

# The presets of the specification: (join rule, history visibility, guest access).
PRESETS: Mapping[str, tuple[str, str, str]] = {
    "private_chat": ("invite", "shared", "can_join"),
    "trusted_private_chat": ("invite", "shared", "can_join"),
    "public_chat": ("public", "shared", "forbidden"),
}


class InitialState(msgspec.Struct, frozen=True):
    """One state event that the caller wants in the room from the start."""

    type: str
    content: JsonObject
    state_key: str = ""


class NewRoom(msgspec.Struct, frozen=True, kw_only=True):
    """What a room is to be like; defaults are filled in by the edge."""

    version: RoomVersion
    preset: str
    name: str | None = None
    topic: str | None = None
    alias: str | None = None
    invite: Sequence[str] = ()
    is_direct: bool = False
    creation_content: JsonObject = {}
    initial_state: Sequence[InitialState] = ()
    power_level_content_override: JsonObject = {}


def create_room(sender: Sender, new: NewRoom) -> Proposal[str]:
    """Propose a room; the answer is its id. Whatever of it is not allowed refuses the whole."""

    def propose(turn: Turn) -> str:
        content = {**new.creation_content, **creator_fields(sender, new), "room_version": new.version.id}
        create = NewEvent(
            type="m.room.create", sender=sender.user_id, content=content, state_key="", device_id=sender.device_id
        )
        room = turn.create_room(create, new.version, new_room_id(turn, new.version))
        for event in events_of(turn, sender, new, room.creators):
            turn.send(room.room_id, event)
        return room.room_id

    return Proposal(propose)


def creator_fields(sender: Sender, new: NewRoom) -> JsonObject:
    """Return what the create event says of creators: until version 10 who it was, since 12 who else."""
    if new.version.creator_in_content:
        return {"creator": sender.user_id}
    if not new.version.privileged_creators or new.preset != "trusted_private_chat":
        return {}
    # trusted_private_chat: the invitees become creators too (MSC4289).
    given = new.creation_content.get("additional_creators", [])
    if not isinstance(given, list):
        raise InvalidParam("additional_creators must be a list of user ids")
    added = list(dict.fromkeys([*given, *(user_id for user_id in new.invite if user_id != sender.user_id)]))
    return {"additional_creators": added} if added else {}


def new_room_id(turn: Turn, version: RoomVersion) -> str:
    """Return a random room id, or nothing where the create event's hash will be the id."""
    if version.create_room_id_is_hash:
        return ""
    return f"!{encode_base64url(turn.origin.random(ROOM_ID_BYTES))}:{turn.origin.server_name}"


def events_of(turn: Turn, sender: Sender, new: NewRoom, creators: frozenset[str]) -> Iterator[NewEvent]:
    """Yield the events after the create event, in the order of the specification."""

    def state(event_type: str, content: JsonObject, state_key: str = "") -> NewEvent:
        return NewEvent(
            type=event_type, sender=sender.user_id, content=content, state_key=state_key, device_id=sender.device_id
        )

    yield state("m.room.member", member_content(turn, sender.user_id, "join"), sender.user_id)
    yield state("m.room.power_levels", power_levels(sender, new, creators))
    if new.alias is not None:
        yield state("m.room.canonical_alias", {"alias": new.alias})
    yield from preset_events(new, state)
    yield from (state(item.type, item.content, item.state_key) for item in new.initial_state)
    if turn.policy.require_encryption and not any(item.type == "m.room.encryption" for item in new.initial_state):
        yield state("m.room.encryption", ENCRYPTION)
    if new.name is not None:
        yield state("m.room.name", {"name": new.name})
    if new.topic is not None:
        yield state("m.room.topic", {"topic": new.topic, "m.topic": {"m.text": [{"body": new.topic}]}})
    for user_id in new.invite:
        yield state("m.room.member", invite_content(turn, user_id, new.is_direct), user_id)


def preset_events(new: NewRoom, state: Callable[[str, JsonObject], NewEvent]) -> Iterator[NewEvent]:
    """Yield what the preset sets, but for what `initial_state` sets itself."""
    join_rule, history_visibility, guest_access = PRESETS[new.preset]
    given = {item.type for item in new.initial_state}
    wanted: tuple[tuple[str, JsonObject], ...] = (
        ("m.room.join_rules", {"join_rule": join_rule}),
        ("m.room.history_visibility", {"history_visibility": history_visibility}),
        ("m.room.guest_access", {"guest_access": guest_access}),
    )
    yield from (state(event_type, content) for event_type, content in wanted if event_type not in given)


def power_levels(sender: Sender, new: NewRoom, creators: frozenset[str]) -> JsonObject:
    """Return the room's power levels: everybody may do what calls need, only moderators change what protects it."""
    users: JsonObject = {} if new.version.privileged_creators else {sender.user_id: 100}
    if new.preset == "trusted_private_chat":
        users |= {user_id: 100 for user_id in new.invite if user_id not in creators or users}
    # Since version 12 nobody but a creator is above 100, so a tombstone is theirs alone.
    tombstone = 150 if new.version.privileged_creators else 100
    content: JsonObject = {
        "users": users,
        "users_default": 0,
        "events": {
            "m.room.name": 50,
            "m.room.power_levels": 100,
            "m.room.history_visibility": 100,
            "m.room.canonical_alias": 50,
            "m.room.avatar": 50,
            "m.room.tombstone": tombstone,
            "m.room.server_acl": 100,
            "m.room.encryption": 100,
            # A member of a call says so in the room's state; without this nobody could ring.
            "org.matrix.msc3401.call.member": 0,
            "m.call.member": 0,
        },
        "events_default": 0,
        "state_default": 50,
        "ban": 50,
        "kick": 50,
        "redact": 50,
        "invite": 0,
        "historical": 100,
    }
    return {**content, **new.power_level_content_override}
