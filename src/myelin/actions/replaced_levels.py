"""Power levels where a room is replaced (client-server API, "Room Upgrades"): of the new room, and of the old."""

from __future__ import annotations

from collections.abc import Mapping

from myelin.matrix.json import JsonObject, JsonValue
from myelin.matrix.power_levels import DEFAULT_LEVELS
from myelin.state.room import Room

CREATOR_LEVEL = 100
# Below this nobody writes or invites in a room that was replaced.
CLOSED_LEVEL = 50


def inherited_levels(levels: JsonObject, old: Room, room: Room) -> JsonObject:
    """Return the levels of the new room for good: those of the old one, with creators as its version has them."""
    users = users_of(levels)
    if old.version.privileged_creators and not room.version.privileged_creators:
        users |= dict.fromkeys(sorted(old.creators), max(CREATOR_LEVEL, highest(levels)))
    # Privileged creators stand above all levels and may not be listed.
    unlisted = room.creators if room.version.privileged_creators else frozenset[str]()
    return with_users(levels, {name: level for name, level in users.items() if name not in unlisted})


def making_levels(final: JsonObject, maker: str, room: Room) -> JsonObject:
    """Return the levels while the room is made: its maker may do everything, also where creators are not privileged."""
    if room.version.privileged_creators:
        return final
    users = users_of(final)
    return with_users(final, {**users, maker: max(CREATOR_LEVEL, highest(final), users.get(maker, 0))})


def closing_levels(levels: JsonObject) -> JsonObject:
    """Return the levels of the old room when it ends."""
    # For example, events_default and invite the greater of 50 and users_default + 1.
    closed = max(CLOSED_LEVEL, level_of(levels, "users_default") + 1)
    return {**levels, **{name: max(closed, level_of(levels, name)) for name in ("events_default", "invite")}}


def highest(levels: JsonObject) -> int:
    """Return what the most protected thing in a room needs."""
    events = levels.get("events")
    by_event = [whole(level) for level in events.values()] if isinstance(events, dict) else []
    return max([*by_event, *(level_of(levels, name) for name in DEFAULT_LEVELS)])


def with_users(levels: JsonObject, users: Mapping[str, int]) -> JsonObject:
    listed: JsonObject = {**users}
    return {**levels, "users": listed}


def users_of(levels: JsonObject) -> dict[str, int]:
    users = levels.get("users")
    return {name: whole(level) for name, level in users.items()} if isinstance(users, dict) else {}


def level_of(levels: JsonObject, name: str) -> int:
    return whole(levels.get(name, DEFAULT_LEVELS[name]))


def whole(level: JsonValue) -> int:
    return level if isinstance(level, int) else 0
