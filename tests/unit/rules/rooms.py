"""A room made of the facts that authorisation asks for, and events to try on it."""

from collections.abc import Mapping

import msgspec

from myelin.matrix.events import Event
from myelin.matrix.json import JsonObject
from myelin.matrix.power_levels import PowerLevels, initial_power_levels, parse_power_levels
from myelin.matrix.room_versions import RoomVersion, room_version
from myelin.matrix.third_party_invites import ThirdPartyInvite

WANG, LI, CHEN, ZHOU = (f"@{name}:hospital.example" for name in ("wang", "li", "chen", "zhou"))
FOREIGN = "@dr:clinic.example"
ROOM = "!ward:hospital.example"


class ARoom(msgspec.Struct, frozen=True, kw_only=True):
    """WANG made it and is joined."""

    room_id: str = ROOM
    version: RoomVersion = room_version("12")
    has_create: bool = True
    create_event_id: str = "$create"
    creator: str = WANG
    creators: frozenset[str] = frozenset({WANG})
    federated: bool = True
    power_levels: PowerLevels
    join_rule: str = "invite"
    members: Mapping[str, str] = {}
    third_party_invites: Mapping[str, ThirdPartyInvite] = {}

    def membership(self, user_id: str) -> str | None:
        return self.members.get(user_id)

    def third_party_invite(self, token: str) -> ThirdPartyInvite | None:
        return self.third_party_invites.get(token)


def a_room(
    version: str = "12",
    *,
    levels: JsonObject | None = None,
    members: Mapping[str, str] | None = None,
    join_rule: str = "invite",
    creators: frozenset[str] = frozenset({WANG}),
    federated: bool = True,
) -> ARoom:
    """A room of WANG's; `levels` is the content of its power levels event, if it has one."""
    known = room_version(version)
    return ARoom(
        version=known,
        creators=creators,
        federated=federated,
        power_levels=initial_power_levels(creators, known)
        if levels is None
        else parse_power_levels(levels, creators, known),
        join_rule=join_rule,
        members={WANG: "join", **(members or {})},
    )


def an_event(
    event_type: str,
    sender: str,
    content: JsonObject | None = None,
    state_key: str | None = None,
    prev_events: tuple[str, ...] = ("$before",),
) -> Event:
    return Event("$event", ROOM, event_type, sender, state_key, content or {}, 1, 2, prev_events, ())


def a_member(sender: str, membership: str, target: str | None = None, /, **content: object) -> Event:
    fields: JsonObject = {"membership": membership, **content}  # type: ignore[dict-item]
    return an_event("m.room.member", sender, fields, target or sender)
