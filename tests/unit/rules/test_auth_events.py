from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from myelin.matrix.errors import NotAuthorized
from myelin.matrix.events import Event
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import room_version
from myelin.rules.authorization import auth_event_keys, check_auth_events
from tests.unit.rules.rooms import CHEN, LI, WANG, an_event

CREATE, LEVELS, RULES = ("m.room.create", ""), ("m.room.power_levels", ""), ("m.room.join_rules", "")
SENDER, TARGET, AUTHORISER = (("m.room.member", user_id) for user_id in (WANG, LI, CHEN))
VIA: JsonObject = {"join_authorised_via_users_server": CHEN}
THIRD: JsonObject = {"third_party_invite": {"signed": {"token": "t"}}}

SELECTIONS: list[tuple[str, str | None, JsonObject, Sequence[tuple[str, str]]]] = [
    ("m.room.message", None, {}, [LEVELS, SENDER]),
    ("m.room.name", "", {}, [LEVELS, SENDER]),
    ("m.room.message", None, {"membership": "join", **VIA}, [LEVELS, SENDER]),
    ("m.room.member", WANG, {"membership": "join"}, [LEVELS, SENDER, RULES]),
    ("m.room.member", WANG, {"membership": "join", **VIA}, [LEVELS, SENDER, RULES, AUTHORISER]),
    ("m.room.member", WANG, {"membership": "knock", **VIA}, [LEVELS, SENDER, RULES]),
    ("m.room.member", WANG, {"membership": "leave"}, [LEVELS, SENDER]),
    ("m.room.member", LI, {"membership": "leave"}, [LEVELS, SENDER, TARGET]),
    ("m.room.member", LI, {"membership": "ban", **THIRD}, [LEVELS, SENDER, TARGET]),
    ("m.room.member", LI, {"membership": "invite"}, [LEVELS, SENDER, TARGET, RULES]),
    (
        "m.room.member",
        LI,
        {"membership": "invite", **THIRD},
        [LEVELS, SENDER, TARGET, RULES, ("m.room.third_party_invite", "t")],
    ),
    ("m.room.member", None, {"membership": "join"}, [LEVELS, SENDER]),
    ("m.room.member", LI, {"membership": ["join"], "third_party_invite": 1}, [LEVELS, SENDER, TARGET]),
]


@pytest.mark.parametrize(("event_type", "state_key", "content", "selected"), SELECTIONS)
def test_selection(
    event_type: str, state_key: str | None, content: JsonObject, selected: Sequence[tuple[str, str]]
) -> None:
    def keys(version: str) -> Sequence[tuple[str, str]]:
        return auth_event_keys(event_type, WANG, state_key, content, room_version(version))

    assert list(keys("12")) == list(selected)
    assert list(keys("10")) == list(keys("11")) == [CREATE, *selected]


def test_a_create_event_selects_nothing() -> None:
    for version in ("10", "11", "12"):
        assert auth_event_keys("m.room.create", WANG, "", {}, room_version(version)) == ()


MESSAGE = an_event("m.room.message", WANG)
CREATE_EVENT = an_event("m.room.create", WANG, state_key="")
LEVELS_EVENT = an_event("m.room.power_levels", WANG, state_key="")
MEMBER_EVENT = an_event("m.room.member", WANG, state_key=WANG)

CHOICES: list[tuple[list[Event], bool, bool]] = [
    # The events selected; whether versions 10 and 11 accept that; whether version 12 does.
    ([CREATE_EVENT, LEVELS_EVENT, MEMBER_EVENT], True, False),
    ([LEVELS_EVENT, MEMBER_EVENT], False, True),
    ([CREATE_EVENT, MEMBER_EVENT], True, False),
    ([], False, True),
    ([CREATE_EVENT, MEMBER_EVENT, MEMBER_EVENT], False, False),
    ([MEMBER_EVENT, MEMBER_EVENT], False, False),
    ([MEMBER_EVENT, an_event("m.room.name", WANG, state_key="")], False, False),
    ([replace(MEMBER_EVENT, state_key=LI)], False, False),
    ([replace(MEMBER_EVENT, state_key=None)], False, False),
    ([replace(MEMBER_EVENT, room_id="!other:hospital.example")], False, False),
    ([CREATE_EVENT, replace(MEMBER_EVENT, room_id="!other:hospital.example")], False, False),
]


@pytest.mark.parametrize(("auth_events", "until_11", "since_12"), CHOICES)
def test_choices(auth_events: list[Event], until_11: bool, since_12: bool) -> None:
    for version, accepted in (("10", until_11), ("11", until_11), ("12", since_12)):
        try:
            check_auth_events(MESSAGE, auth_events, room_version(version))
        except NotAuthorized:
            assert not accepted
        else:
            assert accepted
