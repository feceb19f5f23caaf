import pytest

from myelin.matrix.errors import NotAuthorized
from myelin.matrix.json import JsonObject, JsonValue
from myelin.matrix.room_versions import ROOM_VERSIONS
from myelin.rules.authorization import check_authorized
from tests.unit.rules.rooms import CHEN, LI, WANG, ZHOU, a_room, an_event

# LI may send power levels and stands at 50; CHEN stands below, ZHOU beside.
BASE: JsonObject = {
    "users": {LI: 50, CHEN: 10, ZHOU: 50},
    "events": {"m.room.power_levels": 50, "m.room.topic": 60, "m.room.name": 20},
    "notifications": {"room": 60},
    "invite": 20,
    "ban": 60,
}
MEMBERS = dict.fromkeys((LI, CHEN, ZHOU), "join")


def accepts(before: JsonObject | None, after: JsonObject, version: str = "12", sender: str = LI) -> bool:
    event = an_event("m.room.power_levels", sender, after, "")
    try:
        check_authorized(event, a_room(version, levels=before, members=MEMBERS))
    except NotAuthorized:
        return False
    return True


def changed(**fields: object) -> JsonObject:
    after: JsonObject = {**BASE, **fields}  # type: ignore[dict-item]
    return {name: value for name, value in after.items() if value is not None}


def users(**levels: int | None) -> JsonObject:
    named = {LI: 50, CHEN: 10, ZHOU: 50, **{f"@{name}:hospital.example": level for name, level in levels.items()}}
    return changed(users={user_id: level for user_id, level in named.items() if level is not None})


def events(**levels: int | None) -> JsonObject:
    named = {"power_levels": 50, "topic": 60, "name": 20, **levels}
    return changed(events={f"m.room.{name}": level for name, level in named.items() if level is not None})


CHANGES: list[tuple[JsonObject, bool]] = [
    (BASE, True),
    # Properties: neither the value before nor the one after may be above one's own. Not stated means the default.
    (changed(invite=50), True),
    (changed(invite=51), False),
    (changed(invite=None), True),
    (changed(ban=50), False),
    (changed(ban=61), False),
    (changed(ban=None), False),
    (changed(kick=50), True),
    (changed(kick=51), False),
    (changed(users_default=50), True),
    (changed(users_default=51), False),
    (changed(events_default=51), False),
    (changed(state_default=51), False),
    (changed(redact=0), True),
    # Entries of events and notifications.
    (events(name=50), True),
    (events(name=51), False),
    (events(name=None), True),
    (events(topic=50), False),
    (events(topic=None), False),
    (events(topic=61), False),
    (events(avatar=50), True),
    (events(avatar=51), False),
    (changed(notifications={}), False),
    (changed(notifications={"room": 60, "ward": 50}), True),
    (changed(notifications={"room": 60, "ward": 51}), False),
    (changed(notifications={"room": 50}), False),
    # Entries of users: those of others must be below one's own before, and no entry above it after.
    (users(chen=50), True),
    (users(chen=51), False),
    (users(chen=None), True),
    (users(zhou=49), False),
    (users(zhou=None), False),
    (users(li=49), True),
    (users(li=None), True),
    (users(li=51), False),
    (users(yang=50), True),
    (users(yang=51), False),
]


@pytest.mark.parametrize("version", list(ROOM_VERSIONS))
@pytest.mark.parametrize(("after", "accepted"), CHANGES)
def test_changes(version: str, after: JsonObject, accepted: bool) -> None:
    assert accepts(BASE, after, version) == accepted


SCALARS = ["users_default", "events_default", "state_default", "ban", "redact", "kick", "invite"]
NO_LEVELS: list[JsonValue] = ["0", 0.0, True, None, [], {}]
NO_MAPS: list[JsonValue] = [{"@a:b": "1"}, {"@a:b": 1.0}, {"@a:b": True}, {"@a:b": None}, [], 1, None]


def a_form(name: str, value: JsonValue) -> JsonObject:
    return {name: value}


FORMS = [
    ({}, True),
    *((a_form(name, 0), True) for name in SCALARS),
    *((a_form(name, value), False) for name in SCALARS for value in NO_LEVELS),
    *((a_form(name, {"@a:b": 1}), True) for name in ("events", "notifications", "users")),
    *((a_form(name, value), False) for name in ("events", "notifications", "users") for value in NO_MAPS),
    *((a_form("users", {name: 1}), False) for name in ("", "li", "@li", "@li:", "!li:hospital.example")),
]


@pytest.mark.parametrize("before", [None, {}])
@pytest.mark.parametrize(("content", "accepted"), FORMS)
def test_forms(before: JsonObject | None, content: JsonObject, accepted: bool) -> None:
    assert accepts(before, content, sender=WANG) == accepted


@pytest.mark.parametrize("before", [None, {}])
def test_since_version_12_creators_have_no_entry(before: JsonObject | None) -> None:
    assert not accepts(before, {"users": {WANG: 100}}, "12", sender=WANG)


def test_until_version_11_the_first_levels_are_free() -> None:
    for version in ("10", "11"):
        assert accepts(None, {"users": {WANG: 1000}, "ban": 1000}, version, sender=WANG)
        assert not accepts(None, {"users": {LI: 100}}, version, sender=LI)


def test_since_version_12_a_creator_may_set_every_level() -> None:
    assert accepts(BASE, changed(ban=2**53 - 1, users={LI: 2**53 - 1}), sender=WANG)
