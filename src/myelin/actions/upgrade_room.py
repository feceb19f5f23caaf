"""Replacing a room by one of another version (client-server API, "Room Upgrades"): all of it in one turn.

What is said of people stays behind: they are invited or find their way by the tombstone. Only bans come along.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from myelin.actions.aliases import emit_alias, emit_listing
from myelin.actions.create_room import ENCRYPTION, SPACE, NewRoom, create_content, new_room_id, send_all
from myelin.actions.current_state import current_event, own_room
from myelin.actions.members import member_content, member_event
from myelin.actions.replaced_levels import closing_levels, inherited_levels, making_levels
from myelin.actions.room_kinds import ROOM_KIND, check_right
from myelin.actions.sender import Sender
from myelin.actions.state import state_event
from myelin.append.proposal import Needs, Proposal
from myelin.append.room_events import NewEvent
from myelin.append.turn import Turn
from myelin.matrix.errors import Forbidden, InvalidRoomState, NotAuthorized
from myelin.matrix.events import Event
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import RoomVersion
from myelin.state.room import Room

LEVELS = "m.room.power_levels"
TOMBSTONE = "m.room.tombstone"
CANONICAL_ALIAS = "m.room.canonical_alias"
# What comes along, in this order: the kind is decided before anything else is.
TRANSFERRED = (
    ROOM_KIND,
    "m.room.join_rules",
    "m.room.history_visibility",
    "m.room.guest_access",
    "m.room.encryption",
    "m.room.server_acl",
    "m.room.name",
    "m.room.topic",
    "m.room.avatar",
)
# Everything is made in one turn, and everybody else waits for that.
TRANSFERS_LIMIT = 500
REPLACED = "此房间已更换，请到新房间继续。 This room has been replaced."


class Upgrade(msgspec.Struct, frozen=True, kw_only=True):
    """What replaces what. `aliases` are those that lead to the room as far as is known; `listed`: it is public."""

    room_id: str
    version: RoomVersion
    additional_creators: Sequence[str] = ()
    aliases: Sequence[str] = ()
    listed: bool = False


def upgrade_room(sender: Sender, upgrade: Upgrade, known: Room | None) -> Proposal[str]:
    """Propose that a room is replaced; the answer is the new room's id.

    A client that lost the answer and asks again gets the room that it was given. `known` is the room as last seen.
    """

    def propose(turn: Turn) -> str:
        old = own_room(turn, upgrade.room_id, sender.user_id)
        done = replacement_of(turn, old, sender, upgrade.version)
        if done is not None:
            return done
        check_upgradable(turn, sender, old)
        check_size(old, upgrade)
        room = make_replacement(turn, sender, upgrade, old)
        close(turn, sender, old, room.room_id)
        if upgrade.listed:
            emit_listing(turn, sender, old.room_id, listed=False)
            emit_listing(turn, sender, room.room_id, listed=True)
        return room.room_id

    events = tuple(state_ids(known)) if known is not None else ()
    return Proposal(propose, needs=Needs((sender.user_id,), (upgrade.room_id,), events))


def replacement_of(turn: Turn, old: Room, sender: Sender, version: RoomVersion) -> str | None:
    """Return the room by which the sender has replaced this one already, None where they have not."""
    tombstone = current_event(turn, old, TOMBSTONE, "")
    name = tombstone.content.get("replacement_room") if tombstone is not None else None
    if tombstone is None or tombstone.sender != sender.user_id or not isinstance(name, str):
        return None
    room = turn.room(name)
    return name if room is not None and (room.version, room.creator) == (version, sender.user_id) else None


def check_upgradable(turn: Turn, sender: Sender, old: Room) -> None:
    """Raise where the sender may not end the room or make such a one, or it is the hospital's own."""
    # Checks that the user has permission to send m.room.tombstone events in the room.
    if old.power_levels.user_level(sender.user_id) < old.power_levels.required_for(TOMBSTONE, is_state=True):
        raise NotAuthorized("you may not replace this room; ask whoever made it")
    if old.follows_directory or old.feed is not None or old.department is not None:
        raise Forbidden("this is one of the hospital's own rooms; it is not replaced by hand")
    check_right(turn, sender.user_id, old.kind)


def check_size(old: Room, upgrade: Upgrade) -> None:
    if len(transferred_keys(old)) + len(banned(old)) + len(upgrade.aliases) > TRANSFERS_LIMIT:
        raise InvalidRoomState(f"a room with {TRANSFERS_LIMIT} bans, addresses and rooms in it cannot be replaced")


def make_replacement(turn: Turn, sender: Sender, upgrade: Upgrade, old: Room) -> Room:
    """Emit the new room with all that comes along."""
    levels = current_content(turn, old, LEVELS)
    new = NewRoom(version=upgrade.version, preset="private_chat", creation_content=creation_content(upgrade, old))
    create = state_event(sender, "m.room.create", "", create_content(sender, new))
    room = turn.create_room(create, new.version, new_room_id(turn, new.version))
    final = inherited_levels(levels, old, room)
    making = making_levels(final, sender.user_id, room)
    send_all(turn, room, events_of(turn, sender, old, making, room.creators))
    move_aliases(turn, sender, upgrade, old, room)
    if making != final:
        turn.send(room.room_id, state_event(sender, LEVELS, "", final))
    return room


def creation_content(upgrade: Upgrade, old: Room) -> JsonObject:
    """Return what the create event repeats of the old room, and where that is."""
    content: JsonObject = {"predecessor": {"room_id": old.room_id, "event_id": old.latest_event_id}}
    if old.room_type is not None:
        content["type"] = old.room_type
    if not old.federated:
        content["m.federate"] = False
    # When upgrading to a version which doesn't support additional creators, this field is ignored.
    if upgrade.version.privileged_creators and upgrade.additional_creators:
        content["additional_creators"] = list(upgrade.additional_creators)
    return content


def events_of(
    turn: Turn, sender: Sender, old: Room, levels: JsonObject, creators: frozenset[str]
) -> Iterator[NewEvent]:
    """Yield the events after the create event; whoever makes the room may send them all."""
    yield member_event(sender, sender.user_id, member_content(turn, sender.user_id, "join"))
    yield state_event(sender, LEVELS, "", levels)
    for event in transferred(turn, old):
        yield state_event(sender, event.type, event.state_key or "", event.content)
    must_encrypt = turn.policy.require_encryption and old.room_type != SPACE
    if must_encrypt and ("m.room.encryption", "") not in old.state:
        yield state_event(sender, "m.room.encryption", "", ENCRYPTION)
    for user_id in banned(old):
        if user_id not in creators:
            yield member_event(sender, user_id, {"membership": "ban"})


def transferred(turn: Turn, old: Room) -> Iterator[Event]:
    """Yield the state that comes along."""
    for event_type, state_key in transferred_keys(old):
        event = current_event(turn, old, event_type, state_key)
        if event is not None:
            yield event


def transferred_keys(old: Room) -> list[tuple[str, str]]:
    """Return the (type, state key) of what comes along: what describes the room, and what a space holds."""
    described = [(event_type, "") for event_type in TRANSFERRED if (event_type, "") in old.state]
    held = [key for key in old.state if key[0] == "m.space.child"] if old.room_type == SPACE else []
    return described + held


def state_ids(known: Room) -> Iterator[str]:
    """Yield the event ids of all state that an upgrade reads."""
    keys = (*transferred_keys(known)[:TRANSFERS_LIMIT], (LEVELS, ""), (TOMBSTONE, ""), (CANONICAL_ALIAS, ""))
    return (known.state[key].event_id for key in keys if key in known.state)


def banned(room: Room) -> list[str]:
    """Return who is banned."""
    return [user_id for user_id, member in room.members.items() if member.membership == "ban"]


def current_content(turn: Turn, room: Room, event_type: str) -> JsonObject:
    event = current_event(turn, room, event_type, "")
    return event.content if event is not None else {}


def move_aliases(turn: Turn, sender: Sender, upgrade: Upgrade, old: Room, room: Room) -> None:
    """Have the aliases that lead to the old room lead to the new one, and have it go by the same."""
    for alias, leads_to in turn.aliases(upgrade.aliases).items():
        if leads_to is not None and leads_to.room_id == old.room_id:
            emit_alias(turn, sender, room.room_id, alias, removed=False)
    named = current_content(turn, old, CANONICAL_ALIAS)
    if named.get("alias") in upgrade.aliases:
        # Other addresses that it gave may lead elsewhere by now.
        others = named.get("alt_aliases")
        kept = [alias for alias in others if alias in upgrade.aliases] if isinstance(others, list) else []
        content: JsonObject = {"alias": named["alias"], **({"alt_aliases": kept} if kept else {})}
        send_all(turn, room, iter([state_event(sender, CANONICAL_ALIAS, "", content)]))


def close(turn: Turn, sender: Sender, old: Room, replacement: str) -> None:
    """Say in the old room where it goes on, and have nobody write in it any more where the sender can decide that."""
    content: JsonObject = {"body": REPLACED, "replacement_room": replacement}
    turn.send(old.room_id, state_event(sender, TOMBSTONE, "", content))
    levels = closing_levels(current_content(turn, old, LEVELS))
    if old.power_levels.user_level(sender.user_id) >= old.power_levels.required_for(LEVELS, is_state=True):
        turn.send(old.room_id, state_event(sender, LEVELS, "", levels))
