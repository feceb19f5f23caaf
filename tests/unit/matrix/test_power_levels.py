import pytest

from myelin.matrix.canonical_json import MAX_INTEGER
from myelin.matrix.json import JsonObject
from myelin.matrix.power_levels import CREATOR_LEVEL, PowerLevels, initial_power_levels, parse_power_levels
from myelin.matrix.room_versions import room_version

WANG, LI = "@wang:hospital.example", "@li:hospital.example"
CREATORS = frozenset({WANG})


def levels(content: JsonObject, version: str = "12") -> PowerLevels:
    return parse_power_levels(content, CREATORS, room_version(version))


def test_defaults_of_an_empty_event() -> None:
    empty = levels({}, "11")
    assert (empty.ban, empty.kick, empty.redact, empty.invite) == (50, 50, 50, 0)
    assert empty.user_level(WANG) == 0
    assert empty.required_for("m.room.name", is_state=True) == 50
    assert empty.required_for("m.room.message", is_state=False) == 0
    assert empty.notification_level("room") == 50
    assert empty.from_event


def test_what_the_event_states_counts() -> None:
    stated = levels(
        {
            "users": {LI: 30},
            "users_default": 5,
            "events": {"m.room.name": 20},
            "events_default": 1,
            "state_default": 40,
            "ban": 60,
            "kick": 61,
            "redact": 62,
            "invite": 63,
            "notifications": {"room": 70},
        },
        "11",
    )
    assert (stated.user_level(LI), stated.user_level(WANG)) == (30, 5)
    assert (stated.ban, stated.kick, stated.redact, stated.invite) == (60, 61, 62, 63)
    assert stated.required_for("m.room.name", is_state=True) == 20
    assert stated.required_for("m.room.name", is_state=False) == 20
    assert stated.required_for("m.room.topic", is_state=True) == 40
    assert stated.required_for("m.room.message", is_state=False) == 1
    assert stated.notification_level("room") == 70


@pytest.mark.parametrize("value", ["50", 50.0, True, None, [], {}])
def test_what_is_not_an_integer_counts_as_absent(value: object) -> None:
    content: JsonObject = {"users": {LI: value}, "events": value, "ban": value}  # type: ignore[dict-item]
    assert levels(content) == levels({"users": {}, "events": {}})


def test_without_the_event_the_creator_rules() -> None:
    for version in ("10", "11"):
        initial = initial_power_levels(CREATORS, room_version(version))
        assert (initial.user_level(WANG), initial.user_level(LI)) == (100, 0)
        assert initial.required_for("m.room.name", is_state=True) == 50
        assert not initial.from_event


def test_since_version_12_creators_stand_above_every_level() -> None:
    for power_levels in (initial_power_levels(CREATORS, room_version("12")), levels({"users": {WANG: 1}})):
        assert power_levels.user_level(WANG) == CREATOR_LEVEL > MAX_INTEGER
        assert power_levels.user_level(LI) == 0
