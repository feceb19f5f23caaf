"""Who may change which power level to what (rooms/v12, "Authorization rules", rule 10)."""

from collections.abc import Iterable, Mapping

from myelin.matrix.errors import NotAuthorized
from myelin.matrix.events import Event
from myelin.matrix.identifiers import is_user_id
from myelin.matrix.json import JsonObject, JsonValue
from myelin.matrix.power_levels import DEFAULT_LEVELS, PowerLevels, parse_power_levels
from myelin.rules.authorization_state import AuthorizationState

Levels = Mapping[str, int]


def check_power_levels(event: Event, room: AuthorizationState) -> None:
    """Raise `NotAuthorized` where the sender may not set these levels; that they may send the type is known."""
    check_content(event.content, room)
    current = room.power_levels
    # If there is no previous m.room.power_levels event in the room, allow.
    if not current.from_event:
        return
    new = parse_power_levels(event.content, room.creators, room.version)
    own_level = current.user_level(event.sender)
    _check_properties(current, new, own_level)
    for before, after in ((current.events, new.events), (current.notifications, new.notifications)):
        _check_not_above(_values(before, _changed(before, after)), own_level)
        _check_not_above(_values(after, _changed(before, after)), own_level)
    _check_users(current.users, new.users, event.sender, own_level)


def check_content(content: JsonObject, room: AuthorizationState) -> None:
    """Raise `NotAuthorized` where the content is not of the form that the rules ask for."""
    # If any of users_default, events_default, ... in content are present and not an integer, reject.
    if any(not _is_level(content[name]) for name in DEFAULT_LEVELS if name in content):
        raise NotAuthorized("power levels must be whole numbers")
    # If events or notifications are present and not an object with values that are integers, reject.
    # If users is not an object with keys that are valid user IDs with values that are integers, reject.
    if not all(_are_levels(content.get(name, {})) for name in ("events", "notifications", "users")):
        raise NotAuthorized("events, notifications and users must map names to whole numbers")
    users = content.get("users", {})
    if isinstance(users, dict) and not all(map(is_user_id, users)):
        raise NotAuthorized("users must map user ids to power levels")
    # Since version 12: If users contains the sender of the m.room.create event or any additional_creators, reject.
    if room.version.privileged_creators and isinstance(users, dict) and not room.creators.isdisjoint(users):
        raise NotAuthorized("the creators of this room stand above all power levels; leave them out of users")


def _check_properties(current: PowerLevels, new: PowerLevels, own_level: int) -> None:
    # For each property that was added, changed or removed: If the current or the new value is higher than
    # the sender's current power level, reject. (Where a value is not stated, its default counts.)
    for name in _changed(current.given, new.given):
        _check_not_above((current.level(name), new.level(name)), own_level)


def _check_users(before: Levels, after: Levels, sender: str, own_level: int) -> None:
    changed = _changed(before, after)
    # For each entry being changed in, or removed from, users, other than the sender's own entry:
    # If the current value is greater than or equal to the sender's current power level, reject.
    if any(before[user] >= own_level for user in changed if user in before and user != sender):
        raise NotAuthorized("you may change the level only of people whose level is below yours")
    # For each entry being added to, or changed in, users: If the new value is greater than the sender's, reject.
    _check_not_above(_values(after, changed), own_level)


def _check_not_above(levels: Iterable[int], own_level: int) -> None:
    if any(level > own_level for level in levels):
        raise NotAuthorized("you may neither touch nor set a level above your own")


def _changed(before: Levels, after: Levels) -> frozenset[str]:
    """The names that were added, changed or removed."""
    return frozenset(name for name in {*before, *after} if before.get(name) != after.get(name))


def _values(levels: Levels, names: Iterable[str]) -> list[int]:
    return [levels[name] for name in names if name in levels]


def _is_level(value: JsonValue) -> bool:
    # `bool` is an `int` to Python, not to JSON: so the exact type.
    return type(value) is int


def _are_levels(value: JsonValue) -> bool:
    return isinstance(value, dict) and all(map(_is_level, value.values()))
