"""How an entry changes what the server knows of a person. Applied to whoever is in memory; needs nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import takewhile

import msgspec
from msgspec.structs import replace

from myelin.entries import facts as kinds
from myelin.entries.entry import Entry
from myelin.matrix.json import JsonObject
from myelin.matrix.reserved_names import is_reserved
from myelin.state.user import Device, Post, User, UserRoom

UserFold = Callable[[User, Entry], User]

MASTER = ".m.rule.master"
PUSH_RULES = "m.push_rules"


def touched_users(entry: Entry) -> Iterable[str]:
    """Return the people whose own account this entry changes."""
    facts = entry.facts
    if isinstance(facts, kinds.EventAppended):
        event = entry.event
        # Only a member event changes somebody's account: the list of their rooms.
        return (event.state_key,) if event is not None and event.membership and event.state_key else ()
    if isinstance(facts, kinds.ToDeviceSent):
        return {user_id for user_id, _ in facts.targets}
    if isinstance(facts, kinds.OneTimeKeysClaimed):
        return {user_id for user_id, _, _ in facts.claimed}
    return (entry.sender,) if type(facts) in USER_FOLDS and entry.sender is not None else ()


def fold_user(user: User, entry: Entry) -> User:
    """Return the person after one entry that touches them."""
    fold = USER_FOLDS.get(type(entry.facts))
    return fold(user, entry) if fold is not None else user


def fold_membership(user: User, entry: Entry) -> User:
    event = entry.event
    if event is None or event.membership is None:
        return user
    before = user.rooms.get(event.room_id)
    since = before.since if before is not None and before.membership == event.membership else entry.position
    room = UserRoom(event.membership, since, entry.position)
    return replace(user, rooms={**user.rooms, event.room_id: room}, rooms_position=entry.position)


def fold_forgotten(user: User, entry: Entry) -> User:
    room = user.rooms.get(entry.room_id or "")
    if room is None or entry.room_id is None:
        return user
    return replace(user, rooms={**user.rooms, entry.room_id: replace(room, forgotten=True)})


def fold_deactivated(user: User, entry: Entry) -> User:
    return replace(user, active=False, devices={}, cross_signing_position=-1)


def fold_device_added(user: User, entry: Entry) -> User:
    assert isinstance(entry.facts, kinds.DeviceAdded)
    return with_device(user, entry.device_id, Device(entry.position, dehydrated=entry.facts.dehydrated))


def fold_device_removed(user: User, entry: Entry) -> User:
    devices = {name: device for name, device in user.devices.items() if name != entry.device_id}
    return replace(user, devices=devices)


def fold_device_keys(user: User, entry: Entry) -> User:
    device = user.devices.get(entry.device_id or "")
    return with_device(user, entry.device_id, device and replace(device, keys_position=entry.position))


def fold_key_count(user: User, entry: Entry) -> User:
    device = user.devices.get(entry.device_id or "")
    return with_device(user, entry.device_id, device and replace(device, key_count_position=entry.position))


def fold_claimed(user: User, entry: Entry) -> User:
    assert isinstance(entry.facts, kinds.OneTimeKeysClaimed)
    names = {device_id for user_id, device_id, _ in entry.facts.claimed if user_id == user.user_id}
    return with_devices(user, names, lambda device: replace(device, key_count_position=entry.position))


def fold_to_device(user: User, entry: Entry) -> User:
    assert isinstance(entry.facts, kinds.ToDeviceSent)
    names = {device_id for user_id, device_id in entry.facts.targets if user_id == user.user_id}
    return with_devices(user, names, lambda device: replace(device, to_device_position=entry.position))


def fold_cross_signing(user: User, entry: Entry) -> User:
    return replace(user, cross_signing_position=entry.position)


def fold_profile(user: User, entry: Entry) -> User:
    assert isinstance(entry.facts, kinds.ProfileSet)
    value = msgspec.json.decode(entry.body) if entry.body is not None else None
    known = value if isinstance(value, str) else None
    if entry.facts.field == "displayname":
        return replace(user, displayname=known)
    return replace(user, avatar_url=known) if entry.facts.field == "avatar_url" else user


def fold_person(user: User, entry: Entry) -> User:
    assert isinstance(entry.facts, kinds.PersonSet)
    return replace(user, post=post_of(entry.facts))


def fold_person_removed(user: User, entry: Entry) -> User:
    return replace(user, post=None)


def fold_media_created(user: User, entry: Entry) -> User:
    assert isinstance(entry.facts, kinds.MediaCreated)
    still = {name: expires_at for name, expires_at in user.pending_media.items() if expires_at > entry.at}
    return replace(user, pending_media={**still, entry.facts.media_id: entry.facts.expires_at})


def fold_media_uploaded(user: User, entry: Entry) -> User:
    assert isinstance(entry.facts, kinds.MediaUploaded)
    still = {name: expires_at for name, expires_at in user.pending_media.items() if name != entry.facts.media_id}
    return replace(user, pending_media=still, media_bytes=user.media_bytes + entry.facts.size_bytes)


def post_of(facts: kinds.PersonSet) -> Post:
    """Return the place in the hospital that an entry gives."""
    return Post(facts.department_id, facts.profession, facts.further, facts.plan)


def fold_activation(user: User, entry: Entry) -> User:
    return replace(user, activation_position=entry.position)


def fold_password(user: User, entry: Entry) -> User:
    return replace(user, activation_position=None)


def fold_account_data(user: User, entry: Entry) -> User:
    assert isinstance(entry.facts, kinds.AccountDataSet)
    user = replace(user, account_data_position=entry.position)
    # A superseded body may be erased already; a later entry then holds what counts.
    parse = ACCOUNT_DATA_PARSERS.get(entry.facts.type)
    if parse is None or entry.room_id is not None or entry.body is None:
        return user
    if entry.facts.type == PUSH_RULES:
        user = replace(user, push_rules_position=entry.position)
    return parse(user, msgspec.json.decode(entry.body))


def with_ignored(user: User, content: JsonObject) -> User:
    ignored = content.get("ignored_users")
    names = ignored if isinstance(ignored, dict) else {}
    # Nobody ignores a service: what is critical would never be seen.
    return replace(user, ignored=frozenset(name for name in names if not is_reserved(name)))


def push_rules_in(entry: Entry) -> JsonObject | None:
    """Return the push rules that an entry sets, None where it sets none."""
    facts = entry.facts
    if not isinstance(facts, kinds.AccountDataSet) or facts.type != PUSH_RULES or entry.room_id is not None:
        return None
    # A superseded body may be erased already; a later entry then holds what counts.
    return msgspec.json.decode(entry.body) if entry.body is not None else None


def with_push_rules(user: User, content: JsonObject) -> User:
    # What stands below an override of another kind is no plain silence: `rules.personal_rules` tries it in its order.
    first = list(takewhile(only_silences, enabled_rules(content, "override")))
    return replace(
        user,
        muted=frozenset(str(rule.get("rule_id")) for rule in enabled_rules(content, "room") if is_quiet(rule)),
        silenced=frozenset(filter(None, map(only_room, first))),
        all_silenced=any(rule.get("rule_id") == MASTER for rule in first),
    )


def enabled_rules(content: JsonObject, kind: str) -> Iterable[JsonObject]:
    """Yield the rules of a kind that are enabled."""
    rulesets = content.get("global")
    rules = rulesets.get(kind) if isinstance(rulesets, dict) else None
    for rule in rules if isinstance(rules, list) else []:
        if isinstance(rule, dict) and rule.get("enabled") is not False:
            yield rule


def only_silences(rule: JsonObject) -> bool:
    """Whether all that a rule does is to silence one room, or everything."""
    return is_quiet(rule) and (rule.get("rule_id") == MASTER or only_room(rule) is not None)


def only_room(rule: JsonObject) -> str | None:
    """Return the room of a rule whose only condition is that one room, None for other rules."""
    conditions = rule.get("conditions")
    condition = conditions[0] if isinstance(conditions, list) and len(conditions) == 1 else None
    if not isinstance(condition, dict) or (condition.get("kind"), condition.get("key")) != ("event_match", "room_id"):
        return None
    pattern = condition.get("pattern")
    return pattern if isinstance(pattern, str) and not {"*", "?"} & set(pattern) else None


def is_quiet(rule: JsonObject) -> bool:
    """Whether a rule does not notify."""
    actions = rule.get("actions")
    return not (isinstance(actions, list) and "notify" in actions)


def with_device(user: User, device_id: str | None, device: Device | None) -> User:
    if device_id is None or device is None:
        return user
    return replace(user, devices={**user.devices, device_id: device})


def with_devices(user: User, names: Iterable[str], change: Callable[[Device], Device]) -> User:
    changed = {name: change(user.devices[name]) for name in names if name in user.devices}
    return replace(user, devices={**user.devices, **changed})


ACCOUNT_DATA_PARSERS: Mapping[str, Callable[[User, JsonObject], User]] = {
    "m.ignored_user_list": with_ignored,
    PUSH_RULES: with_push_rules,
}

USER_FOLDS: Mapping[type, UserFold] = {
    kinds.EventAppended: fold_membership,
    kinds.RoomForgotten: fold_forgotten,
    kinds.AccountDeactivated: fold_deactivated,
    kinds.DeviceAdded: fold_device_added,
    kinds.DeviceRemoved: fold_device_removed,
    kinds.DeviceKeysSet: fold_device_keys,
    kinds.OneTimeKeysAdded: fold_key_count,
    kinds.OneTimeKeysClaimed: fold_claimed,
    kinds.ToDeviceSent: fold_to_device,
    kinds.CrossSigningSet: fold_cross_signing,
    kinds.ProfileSet: fold_profile,
    kinds.AccountDataSet: fold_account_data,
    kinds.MediaCreated: fold_media_created,
    kinds.MediaUploaded: fold_media_uploaded,
    kinds.ActivationIssued: fold_activation,
    kinds.PasswordChanged: fold_password,
    kinds.PersonSet: fold_person,
    kinds.PersonRemoved: fold_person_removed,
}
