import pytest
from msgspec.structs import replace

from myelin.matrix.errors import Forbidden, NotAuthorized
from myelin.matrix.events import Event
from myelin.matrix.json import JsonObject, JsonValue
from myelin.matrix.room_versions import ROOM_VERSIONS, room_version
from myelin.rules.authorization import AuthorizationState, check_authorized, check_create
from myelin.rules.redactions import check_redaction
from tests.unit.rules.rooms import CHEN, FOREIGN, LI, ROOM, WANG, a_member, a_room, an_event

VERSIONS = list(ROOM_VERSIONS)


def accepts(room: AuthorizationState, event: Event) -> bool:
    try:
        check_authorized(event, room)
    except NotAuthorized:
        return False
    return True


def a_create(version: str, **content: object) -> Event:
    fields: JsonObject = {"room_version": version, **content}  # type: ignore[dict-item]
    if version == "10":
        fields = {"creator": WANG, **fields}
    event = an_event("m.room.create", WANG, fields, "", prev_events=())
    return replace(event, room_id="!event") if version == "12" else event


@pytest.mark.parametrize("version", VERSIONS)
def test_a_create_event_begins_a_room(version: str) -> None:
    check_create(a_create(version), room_version(version))
    assert accepts(a_room(version), a_create(version))


STATED: list[JsonValue] = ["9", "", 12, None, []]
BAD_CREATES: list[tuple[str, Event]] = [
    *[(version, replace(a_create(version), prev_events=("$before",))) for version in VERSIONS],
    *[(version, a_create(version, room_version=stated)) for version in VERSIONS for stated in STATED],
    ("10", replace(a_create("10"), room_id="!ward:clinic.example")),
    ("11", replace(a_create("11"), room_id="!ward")),
    ("12", replace(a_create("12"), room_id=ROOM)),
    ("10", replace(a_create("10"), content={})),
    *[("12", a_create("12", additional_creators=value)) for value in ("@a:b", [1], ["a"], ["@a"], {"@a:b": 1}, None)],
]


@pytest.mark.parametrize(("version", "event"), BAD_CREATES)
def test_bad_create_events_begin_none(version: str, event: Event) -> None:
    with pytest.raises(NotAuthorized):
        check_create(event, room_version(version))


def test_what_only_later_versions_ask_of_a_create_event() -> None:
    check_create(a_create("11", additional_creators="anything"), room_version("11"))
    check_create(a_create("12", additional_creators=[LI, FOREIGN]), room_version("12"))
    check_create(replace(a_create("11"), content={}), room_version("11"))


def test_no_event_without_its_room() -> None:
    message = an_event("m.room.message", WANG)
    assert accepts(a_room(), message)
    assert not accepts(replace(a_room(), has_create=False), message)
    assert not accepts(a_room(), replace(message, room_id="!other:hospital.example"))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_room_may_be_closed_to_other_servers(version: str) -> None:
    closed, open_to_all = (
        a_room(version, join_rule="public", members={FOREIGN: "join"}, federated=federated)
        for federated in (False, True)
    )
    for event in (a_member(FOREIGN, "join"), an_event("m.room.message", FOREIGN)):
        assert accepts(open_to_all, event)
        assert not accepts(closed, event)
    assert accepts(closed, an_event("m.room.message", WANG))


@pytest.mark.parametrize("state", [None, "invite", "leave", "ban", "knock"])
@pytest.mark.parametrize("event_type", ["m.room.message", "m.room.redaction", "m.room.third_party_invite"])
def test_only_members_speak(state: str | None, event_type: str) -> None:
    members = {} if state is None else {LI: state}
    room = a_room(members=members, levels={"users": {LI: 100}})
    assert not accepts(room, an_event(event_type, LI))
    assert accepts(replace(room, members={LI: "join"}), an_event(event_type, LI))


@pytest.mark.parametrize(
    ("event", "levels", "accepted"),
    [
        (an_event("m.room.message", LI), {}, True),
        (an_event("m.room.message", LI), {"events_default": 1}, False),
        (an_event("m.room.message", LI), {"events_default": 1, "users_default": 1}, True),
        (an_event("m.room.message", LI), {"events": {"m.room.message": 1}}, False),
        (an_event("m.room.name", LI, state_key=""), {}, False),
        (an_event("m.room.name", LI, state_key=""), {"state_default": 0}, True),
        (an_event("m.room.name", LI, state_key=""), {"events": {"m.room.name": 0}}, True),
        (an_event("m.room.name", LI, state_key=""), {"users": {LI: 50}}, True),
        (an_event("m.room.redaction", LI), {"redact": 100}, True),
        (an_event("m.room.third_party_invite", LI, state_key="t"), {"events_default": 50}, True),
        (an_event("m.room.third_party_invite", LI, state_key="t"), {"invite": 1}, False),
    ],
)
def test_levels_that_events_need(event: Event, levels: JsonObject, accepted: bool) -> None:
    for version in VERSIONS:
        assert accepts(a_room(version, levels=levels, members={LI: "join"}), event) == accepted


def test_state_under_a_name_is_that_persons() -> None:
    room = a_room(levels={"state_default": 0}, members={LI: "join"})
    assert accepts(room, an_event("org.example.status", LI, state_key=LI))
    assert accepts(room, an_event("org.example.status", LI, state_key="li"))
    assert not accepts(room, an_event("org.example.status", LI, state_key=CHEN))
    assert not accepts(room, an_event("org.example.status", LI, state_key="@"))
    assert not accepts(room, an_event("org.example.status", WANG, state_key=LI))


def test_the_refusal_says_why() -> None:
    with pytest.raises(NotAuthorized, match="power level 50"):
        check_authorized(an_event("m.room.name", LI, state_key=""), a_room(members={LI: "join"}))


def test_redactions() -> None:
    room = a_room(levels={"users": {LI: 50}}, members={LI: "join", CHEN: "join"})
    check_redaction(CHEN, CHEN, room)
    check_redaction(LI, CHEN, room)
    check_redaction(WANG, CHEN, room)
    with pytest.raises(Forbidden):
        check_redaction(CHEN, LI, room)
