"""Room versions as values with named flags: no code compares version numbers (rooms/v10, v11, v12)."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from myelin.matrix.errors import UnsupportedRoomVersion
from myelin.matrix.json import JsonObject

_MEMBER_KEYS = frozenset({"membership", "join_authorised_via_users_server"})
_POWER_LEVEL_KEYS = frozenset(
    {"ban", "events", "events_default", "kick", "redact", "state_default", "users", "users_default"}
)
_TOP_LEVEL_KEYS = frozenset(
    {
        "event_id",
        "type",
        "room_id",
        "sender",
        "state_key",
        "content",
        "hashes",
        "signatures",
        "depth",
        "prev_events",
        "auth_events",
        "origin_server_ts",
    }
)


class RedactionRules(msgspec.Struct, frozen=True):
    """What redaction leaves of an event (rooms/v11, "Redactions")."""

    top_level_keys: frozenset[str]
    content_keys: Mapping[str, frozenset[str]]
    keeps_create_content: bool
    keeps_signed_third_party_invite: bool


class RoomVersion(msgspec.Struct, frozen=True):
    """What differs between the room versions that this server speaks.

    All of them have restricted joins, knocking, both together, power levels that are integers, and reference
    hashes as event ids.
    """

    id: str
    redaction: RedactionRules
    creator_in_content: bool
    """The create event names the creator in its content (until rooms/v10)."""
    redacts_in_content: bool
    """A redaction names its target in its content, not at the top level (rooms/v11)."""
    create_room_id_is_hash: bool
    """The room id is the create event's id with another sigil, and no event selects the create event (rooms/v12)."""
    privileged_creators: bool
    """Creators stand above every power level (rooms/v12)."""

    def creators(self, sender: str, content: JsonObject) -> frozenset[str]:
        """The creators of a room, from the sender and content of its create event."""
        if self.creator_in_content:
            creator = content.get("creator")
            return frozenset({creator} if isinstance(creator, str) else ())
        additional = content.get("additional_creators") if self.privileged_creators else None
        named = additional if isinstance(additional, list) else []
        return frozenset({sender, *(user for user in named if isinstance(user, str))})


_REDACTION_10 = RedactionRules(
    top_level_keys=_TOP_LEVEL_KEYS | {"prev_state", "origin", "membership"},
    content_keys=MappingProxyType(
        {
            "m.room.member": _MEMBER_KEYS,
            "m.room.create": frozenset({"creator"}),
            "m.room.join_rules": frozenset({"join_rule", "allow"}),
            "m.room.power_levels": _POWER_LEVEL_KEYS,
            "m.room.history_visibility": frozenset({"history_visibility"}),
        }
    ),
    keeps_create_content=False,
    keeps_signed_third_party_invite=False,
)

_REDACTION_11 = RedactionRules(
    top_level_keys=_TOP_LEVEL_KEYS,
    content_keys=MappingProxyType(
        {
            "m.room.member": _MEMBER_KEYS,
            "m.room.join_rules": frozenset({"join_rule", "allow"}),
            "m.room.power_levels": _POWER_LEVEL_KEYS | {"invite"},
            "m.room.history_visibility": frozenset({"history_visibility"}),
            "m.room.redaction": frozenset({"redacts"}),
        }
    ),
    keeps_create_content=True,
    keeps_signed_third_party_invite=True,
)

_VERSION_10 = RoomVersion(
    id="10",
    redaction=_REDACTION_10,
    creator_in_content=True,
    redacts_in_content=False,
    create_room_id_is_hash=False,
    privileged_creators=False,
)
_VERSION_11 = msgspec.structs.replace(
    _VERSION_10, id="11", redaction=_REDACTION_11, creator_in_content=False, redacts_in_content=True
)
_VERSION_12 = msgspec.structs.replace(_VERSION_11, id="12", create_room_id_is_hash=True, privileged_creators=True)

ROOM_VERSIONS: Mapping[str, RoomVersion] = MappingProxyType(
    {version.id: version for version in (_VERSION_10, _VERSION_11, _VERSION_12)}
)
DEFAULT_ROOM_VERSION = "12"


def room_version(text: str) -> RoomVersion:
    """The room version of that name; `UnsupportedRoomVersion` where this server does not speak it."""
    version = ROOM_VERSIONS.get(text)
    if version is None:
        raise UnsupportedRoomVersion
    return version
