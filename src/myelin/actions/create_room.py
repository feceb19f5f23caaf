"""Making a room (client-server API, "Creation"): the create event and all that follows it, in one turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from myelin.actions.aliases import check_own_alias, emit_alias, emit_listing
from myelin.actions.feeds import open_feed
from myelin.actions.members import check_invitable, check_user_id, member_content, member_event
from myelin.actions.room_kinds import ROOM_KIND, RoomKind, Wishes, room_kind
from myelin.actions.sender import Sender
from myelin.actions.state import check_canonical_alias, state_event
from myelin.append.proposal import Proposal
from myelin.append.room_events import NewEvent
from myelin.append.turn import Turn
from myelin.matrix.errors import InvalidParam, InvalidRoomState, NotAuthorized, RoomInUse
from myelin.matrix.identifiers import encode_base64url
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import RoomVersion
from myelin.state.room import Room

ENCRYPTION: JsonObject = {"algorithm": "m.megolm.v1.aes-sha2"}
ROOM_ID_BYTES = 18
CREATOR_LEVEL = 100
# What the server makes itself: a second create event, or memberships that nobody asked for.
SERVER_MADE = frozenset({"m.room.create", "m.room.member"})
SPACE = "m.space"
# What one needs to write in a room, by its kind; 0 in all others.
WRITE_LEVELS: Mapping[str, int] = {"broadcast": 50}

# The presets of the specification: (join rule, history visibility, guest access).
PRESETS: Mapping[str, tuple[str, str, str]] = {
    "private_chat": ("invite", "shared", "can_join"),
    "trusted_private_chat": ("invite", "shared", "can_join"),
    "public_chat": ("public", "shared", "forbidden"),
}

StateOf = Callable[[str, JsonObject], NewEvent]


class InitialState(msgspec.Struct, frozen=True):
    """One state event that the caller wants in the room from the start."""

    type: str
    content: JsonObject
    state_key: str = ""


class NewRoom(msgspec.Struct, frozen=True, kw_only=True):
    """What a room is to be like; defaults are filled in by the edge. `invite` names nobody twice, nor the creator.

    `kind` is decided in the turn from the initial state. Without `is_encrypted` everybody may read along.
    """

    version: RoomVersion
    preset: str
    name: str | None = None
    topic: str | None = None
    alias: str | None = None
    listed: bool = False
    invite: Sequence[str] = ()
    is_direct: bool = False
    creation_content: JsonObject = {}
    initial_state: Sequence[InitialState] = ()
    power_level_content_override: JsonObject = {}
    kind: RoomKind | None = None
    is_encrypted: bool = True


def create_room(sender: Sender, new: NewRoom) -> Proposal[str]:
    """Propose a room; the answer is its id. Whatever of it is not allowed refuses the whole."""

    def propose(turn: Turn) -> str:
        check_wishes(turn, new)
        wanted = with_kind(turn, sender, new)
        try:
            if wanted.kind is not None and wanted.kind.feed is not None:
                alone = replace(wanted, invite=())
                return open_feed(turn, sender, new.invite[0], wanted.kind.feed, lambda: make_room(turn, sender, alone))
            room = make_room(turn, sender, wanted)
        except NotAuthorized as refusal:
            raise InvalidRoomState(refusal.message) from None
        if new.listed:
            emit_listing(turn, sender, room.room_id, listed=True)
        return room.room_id

    return Proposal(propose)


def with_kind(turn: Turn, sender: Sender, new: NewRoom) -> NewRoom:
    """Return the wishes with the kind that they come to; refused where it is malformed, or not for this person."""
    given = [item for item in new.initial_state if item.type == ROOM_KIND]
    if len(given) > 1 or any(item.state_key for item in given):
        raise InvalidRoomState("a room has one org.myelin.room, with an empty state key")
    wishes = Wishes(
        invite=new.invite,
        is_direct=new.is_direct,
        is_public=new.listed or new.preset == "public_chat",
        is_space=new.creation_content.get("type") == SPACE,
    )
    kind = room_kind(turn, sender.user_id, given[0].content if given else None, wishes)
    return replace(new, kind=kind, initial_state=[item for item in new.initial_state if item.type != ROOM_KIND])


def make_room(turn: Turn, sender: Sender, new: NewRoom) -> Room:
    """Emit a room with all its events; `NotAuthorized` where the wishes contradict each other."""
    create = state_event(sender, "m.room.create", "", create_content(sender, new))
    room = turn.create_room(create, new.version, new_room_id(turn, new.version))
    if new.alias is not None:
        # Before the event that names it, which is checked against it.
        emit_alias(turn, sender, room.room_id, new.alias, removed=False)
    send_all(turn, room, events_of(turn, sender, new, room.creators))
    return room


def check_wishes(turn: Turn, new: NewRoom) -> None:
    """Raise where an alias is taken, a person cannot be invited, or the initial state holds what the server makes."""
    if any(item.type in SERVER_MADE for item in new.initial_state):
        raise InvalidRoomState("initial_state may hold neither m.room.create nor m.room.member; use invite")
    if new.alias is not None:
        check_own_alias(turn, new.alias)
        if turn.alias(new.alias) is not None:
            raise RoomInUse
    for user_id in new.invite:
        check_user_id(user_id)
    turn.users(new.invite)
    for user_id in new.invite:
        check_invitable(turn, user_id)


def send_all(turn: Turn, room: Room, events: Iterator[NewEvent]) -> None:
    """Emit the events one after the other: each is allowed by those before it."""
    for event in events:
        if event.type == "m.room.canonical_alias":
            check_canonical_alias(turn, room, event.content)
        turn.send(room.room_id, event)


def create_content(sender: Sender, new: NewRoom) -> JsonObject:
    """Return the content of the create event: what was wished for, and what only the server says."""
    wished = {key: value for key, value in new.creation_content.items() if key != "creator"}
    return {**wished, **creator_fields(sender, new), "room_version": new.version.id}


def creator_fields(sender: Sender, new: NewRoom) -> JsonObject:
    """Return what the create event says of creators: until version 10 who it was, since 12 who else."""
    if new.version.creator_in_content:
        return {"creator": sender.user_id}
    if not new.version.privileged_creators:
        return {}
    given = new.creation_content.get("additional_creators", [])
    if not isinstance(given, list):
        raise InvalidParam("additional_creators must be a list of user ids")
    # trusted_private_chat: the invitees become creators too (MSC4289).
    trusted = new.invite if new.preset == "trusted_private_chat" else ()
    added = [*given, *(user_id for user_id in trusted if user_id not in given)]
    return {"additional_creators": added} if added else {}


def new_room_id(turn: Turn, version: RoomVersion) -> str:
    """Return a random room id, or nothing where the create event's hash will be the id."""
    if version.create_room_id_is_hash:
        return ""
    return f"!{encode_base64url(turn.origin.random(ROOM_ID_BYTES))}:{turn.origin.server_name}"


def events_of(turn: Turn, sender: Sender, new: NewRoom, creators: frozenset[str]) -> Iterator[NewEvent]:
    """Yield the events after the create event, in the order of the specification."""

    def state(event_type: str, content: JsonObject) -> NewEvent:
        return state_event(sender, event_type, "", content)

    yield member_event(sender, sender.user_id, member_content(turn, sender.user_id, "join"))
    yield state("m.room.power_levels", power_levels(sender, new, creators))
    if new.kind is not None:
        yield state(ROOM_KIND, new.kind.content())
    if new.alias is not None:
        yield state("m.room.canonical_alias", {"alias": new.alias})
    yield from preset_events(new, state)
    yield from (state_event(sender, item.type, item.state_key, item.content) for item in new.initial_state)
    if turn.policy.require_encryption and must_be_encrypted(new):
        yield state("m.room.encryption", ENCRYPTION)
    if new.name is not None:
        yield state("m.room.name", {"name": new.name})
    if new.topic is not None:
        yield state("m.room.topic", {"topic": new.topic, "m.topic": {"m.text": [{"body": new.topic}]}})
    for user_id in new.invite:
        yield member_event(sender, user_id, invite_content(turn, user_id, new.is_direct))


def must_be_encrypted(new: NewRoom) -> bool:
    """Whether the server adds encryption: to every room that does not have it already, but for spaces."""
    given = any(item.type == "m.room.encryption" and not item.state_key for item in new.initial_state)
    return new.is_encrypted and not given and new.creation_content.get("type") != SPACE


def invite_content(turn: Turn, user_id: str, is_direct: bool) -> JsonObject:
    """Return the content of an invitation; `is_direct` tells the invited client that this is a direct chat."""
    content = member_content(turn, user_id, "invite")
    return {**content, "is_direct": True} if is_direct else content


def preset_events(new: NewRoom, state: StateOf) -> Iterator[NewEvent]:
    """Yield what the preset sets, but for what `initial_state` sets itself."""
    join_rule, history_visibility, guest_access = PRESETS[new.preset]
    given = {item.type for item in new.initial_state if not item.state_key}
    wanted: tuple[tuple[str, JsonObject], ...] = (
        ("m.room.join_rules", {"join_rule": join_rule}),
        ("m.room.history_visibility", {"history_visibility": history_visibility}),
        ("m.room.guest_access", {"guest_access": guest_access}),
    )
    yield from (state(event_type, content) for event_type, content in wanted if event_type not in given)


def power_levels(sender: Sender, new: NewRoom, creators: frozenset[str]) -> JsonObject:
    """Return the room's power levels: everybody may do what calls need, only moderators change what protects it."""
    # Since version 12 creators stand above all levels and may not be listed, and a tombstone is theirs alone.
    privileged = new.version.privileged_creators
    trusted = new.invite if new.preset == "trusted_private_chat" else ()
    powerful = [user_id for user_id in (sender.user_id, *trusted) if not (privileged and user_id in creators)]
    content: JsonObject = {
        "users": dict.fromkeys(powerful, CREATOR_LEVEL),
        "users_default": 0,
        "events": {
            "m.room.name": 50,
            "m.room.power_levels": 100,
            "m.room.history_visibility": 100,
            "m.room.canonical_alias": 50,
            "m.room.avatar": 50,
            "m.room.tombstone": 150 if privileged else 100,
            "m.room.server_acl": 100,
            "m.room.encryption": 100,
            # A member of a call says so in the room's state; without this nobody could ring.
            "org.matrix.msc3401.call.member": 0,
            "m.call.member": 0,
        },
        "events_default": WRITE_LEVELS.get(new.kind.kind or "", 0) if new.kind is not None else 0,
        "state_default": 50,
        "ban": 50,
        "kick": 50,
        "redact": 50,
        "invite": 0,
        "historical": 100,
    }
    return {**content, **new.power_level_content_override}
