"""The rooms that follow the hospital's directory: one for each department, and the one of everybody.

Each proposal decides anew, on the state at its turn, what is right: proposed twice or by two processes, after a crash
or on an outdated wish it writes nothing that is not so.
"""

from __future__ import annotations

import msgspec

from myelin.actions.create_room import CREATOR_LEVEL, ENCRYPTION, InitialState, NewRoom, make_room, power_levels
from myelin.actions.current_state import put_state
from myelin.actions.feeds import by_server
from myelin.actions.members import PRESENT, member_content
from myelin.actions.room_kinds import RoomKind
from myelin.actions.sender import Sender
from myelin.actions.servers_hand import servers_hand
from myelin.actions.state import state_event
from myelin.append.proposal import Lane, Proposal
from myelin.append.turn import Turn
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import RoomVersion
from myelin.rules.membership import AUTHORISED_VIA
from myelin.state.designations import ANNOUNCEMENTS, of_department
from myelin.state.room import Room
from myelin.state.user import User

ANNOUNCER_LEVEL = 50
# Restricted, and by no room: whoever joins has the word of the server's hand, in the join itself.
JOIN_RULES = InitialState("m.room.join_rules", {"join_rule": "restricted", "allow": []})
NOBODY_MODERATES: JsonObject = {"invite": CREATOR_LEVEL, "kick": CREATOR_LEVEL, "ban": CREATOR_LEVEL}


class Announcements(msgspec.Struct, frozen=True):
    """The room of everybody as the site wants it: its title, and who writes there."""

    title: str
    announcers: frozenset[str] = frozenset()


def open_department_room(department_id: str, name: str, version: RoomVersion) -> Proposal[None]:
    """Propose the room of a department, unless there is one."""

    def propose(turn: Turn) -> None:
        if turn.designated_room(of_department(department_id)) is None:
            make_room(turn, servers_hand(turn), department_room(department_id, name, version))

    return Proposal(propose, lane=Lane.BULK)


def department_room(department_id: str, name: str, version: RoomVersion) -> NewRoom:
    """Return what the room of a department is like."""
    visibility = InitialState("m.room.history_visibility", {"history_visibility": "joined"})
    return NewRoom(
        version=version,
        preset="private_chat",
        name=name,
        kind=RoomKind(kind="department", department=department_id),
        initial_state=[JOIN_RULES, visibility, InitialState("m.room.encryption", ENCRYPTION)],
        power_level_content_override=NOBODY_MODERATES,
    )


def name_room(room_id: str, name: str) -> Proposal[None]:
    """Propose that a room of the directory has this name."""

    def propose(turn: Turn) -> None:
        put_state(turn, room_id, state_event(servers_hand(turn), "m.room.name", "", {"name": name}))

    return Proposal(propose, lane=Lane.BULK)


def keep_announcements(wanted: Announcements, version: RoomVersion) -> Proposal[None]:
    """Propose the room of everybody, or that the one which is there has this title and these writers."""

    def propose(turn: Turn) -> None:
        hand = servers_hand(turn)
        new = announcements_room(hand, wanted, version)
        room_id = turn.designated_room(ANNOUNCEMENTS)
        room = turn.room(room_id) if room_id is not None else None
        if room is None:
            make_room(turn, hand, new)
            return
        put_state(turn, room.room_id, state_event(hand, "m.room.name", "", {"name": wanted.title}))
        levels = power_levels(hand, announcements_room(hand, wanted, room.version), room.creators)
        put_state(turn, room.room_id, state_event(hand, "m.room.power_levels", "", levels))

    return Proposal(propose, lane=Lane.BULK)


def announcements_room(hand: Sender, wanted: Announcements, version: RoomVersion) -> NewRoom:
    """Return what the room of everybody is like: the only one that is not encrypted."""
    users: JsonObject = dict.fromkeys(sorted(wanted.announcers - {hand.user_id}), ANNOUNCER_LEVEL)
    if not version.privileged_creators:
        users[hand.user_id] = CREATOR_LEVEL
    return NewRoom(
        version=version,
        preset="private_chat",
        name=wanted.title,
        kind=RoomKind(kind="broadcast"),
        initial_state=[JOIN_RULES],
        power_level_content_override={**NOBODY_MODERATES, "users": users},
        is_encrypted=False,
    )


def follow_directory(user_id: str, room_id: str) -> Proposal[None]:
    """Propose that a person is where the directory wants them: in this room, or no longer."""

    def propose(turn: Turn) -> None:
        room, user = turn.room(room_id), turn.user(user_id)
        if room is None or user is None or not room.follows_directory:
            return
        hand, membership = servers_hand(turn), room.membership(user_id)
        if not belongs(user, room):
            if membership in PRESENT:
                turn.send(room_id, by_server(hand.user_id, user_id, {"membership": "leave"}))
        elif membership != "join" and is_reachable(user, room):
            content = {**member_content(turn, user_id, "join"), AUTHORISED_VIA: hand.user_id}
            turn.send(room_id, by_server(user_id, user_id, content))

    return Proposal(propose, lane=Lane.BULK)


def belongs(user: User, room: Room) -> bool:
    """Whether the directory wants a person in a room."""
    if user.post is None or not user.active:
        return False
    # The hospital speaks to its people; what hangs in a ward follows the ward alone.
    return user.account == "person" if room.is_announcements else room.department in user.post.departments


def is_reachable(user: User, room: Room) -> bool:
    """Whether a person could read what is sent: in an encrypted room, only once a device has published its keys."""
    return not room.encrypted or any(device.keys_position >= 0 for device in user.devices.values())
