"""Who may do how much in a room: the content of `m.room.power_levels`, parsed once, with its defaults."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from myelin.matrix.json import JsonObject, JsonValue
from myelin.matrix.room_versions import RoomVersion

CREATOR_LEVEL = 2**53
"""The "infinite" level of privileged creators: above every level that JSON can carry."""

DEFAULT_LEVELS: Mapping[str, int] = MappingProxyType(
    {
        "users_default": 0,
        "events_default": 0,
        "state_default": 50,
        "ban": 50,
        "redact": 50,
        "kick": 50,
        "invite": 0,
    }
)
_DEFAULT_NOTIFICATION_LEVEL = 50
_CREATOR_LEVEL_WITHOUT_EVENT = 100


class PowerLevels(msgspec.Struct, frozen=True):
    """The levels in force. `given` holds the properties of `DEFAULT_LEVELS` that the event itself states.

    `from_event` is false for the levels of a room that has no such event yet.
    """

    users: Mapping[str, int] = {}
    events: Mapping[str, int] = {}
    notifications: Mapping[str, int] = {}
    given: Mapping[str, int] = {}
    privileged_creators: frozenset[str] = frozenset()
    from_event: bool = False

    def level(self, name: str) -> int:
        """One of the properties of `DEFAULT_LEVELS`."""
        return self.given.get(name, DEFAULT_LEVELS[name])

    @property
    def ban(self) -> int:
        return self.level("ban")

    @property
    def kick(self) -> int:
        return self.level("kick")

    @property
    def redact(self) -> int:
        return self.level("redact")

    @property
    def invite(self) -> int:
        return self.level("invite")

    def user_level(self, user_id: str) -> int:
        if user_id in self.privileged_creators:
            return CREATOR_LEVEL
        level = self.users.get(user_id)
        return self.level("users_default") if level is None else level

    def required_for(self, event_type: str, is_state: bool) -> int:
        """The level that sending an event of this type needs; membership has rules of its own."""
        level = self.events.get(event_type)
        if level is not None:
            return level
        return self.level("state_default" if is_state else "events_default")

    def notification_level(self, key: str) -> int:
        """The level that a notification of this kind (`room` for @room) needs."""
        return self.notifications.get(key, _DEFAULT_NOTIFICATION_LEVEL)


def parse_power_levels(content: JsonObject, creators: frozenset[str], version: RoomVersion) -> PowerLevels:
    """The levels that an accepted event sets; what is not an integer counts as absent."""
    return PowerLevels(
        users=_levels(content.get("users")),
        events=_levels(content.get("events")),
        notifications=_levels(content.get("notifications")),
        given={name: level for name, level in _levels(content).items() if name in DEFAULT_LEVELS},
        privileged_creators=creators if version.privileged_creators else frozenset(),
        from_event=True,
    )


def initial_power_levels(creators: frozenset[str], version: RoomVersion) -> PowerLevels:
    """The levels of a room without the event: its creators rule, everybody else has 0."""
    if version.privileged_creators:
        return PowerLevels(privileged_creators=creators)
    return PowerLevels(users=dict.fromkeys(creators, _CREATOR_LEVEL_WITHOUT_EVENT))


def _levels(value: JsonValue) -> Mapping[str, int]:
    if not isinstance(value, dict):
        return {}
    # `bool` is an `int` to Python, not to JSON: so the exact type.
    return {key: level for key, level in value.items() if type(level) is int}
