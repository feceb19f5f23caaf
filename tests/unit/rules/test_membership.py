import pytest
from msgspec.structs import replace

from myelin.matrix.errors import NotAuthorized
from myelin.matrix.events import Event
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import ROOM_VERSIONS
from myelin.matrix.signing import SigningKey
from myelin.matrix.third_party_invites import ThirdPartyInvite
from myelin.rules.authorization import AuthorizationState, check_authorized
from tests.unit.rules.rooms import CHEN, FOREIGN, LI, WANG, ZHOU, a_member, a_room, an_event

STATES = [None, "invite", "join", "leave", "ban", "knock"]
LEVELS: JsonObject = {"users": {LI: 50, ZHOU: 50}, "invite": 25}
VERSIONS = list(ROOM_VERSIONS)


def accepts(room: AuthorizationState, event: Event) -> bool:
    try:
        check_authorized(event, room)
    except NotAuthorized:
        return False
    return True


# For each join rule, the memberships from which a person may join by their own act.
JOINS: dict[str, set[str | None]] = {
    "public": {None, "invite", "join", "leave", "knock"},
    "invite": {"invite", "join"},
    "knock": {"invite", "join"},
    "restricted": {"invite", "join"},
    "knock_restricted": {"invite", "join"},
    "private": set(),
    "something": set(),
}
# For each join rule, the memberships from which a person may knock.
KNOCKS: dict[str, set[str | None]] = {
    "public": set(),
    "invite": set(),
    "knock": {None, "leave", "knock"},
    "restricted": set(),
    "knock_restricted": {None, "leave", "knock"},
    "private": set(),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("join_rule", JOINS)
def test_who_may_join(version: str, join_rule: str) -> None:
    rooms = {state: a_room(version, members=membership(CHEN, state), join_rule=join_rule) for state in STATES}
    assert {state for state, room in rooms.items() if accepts(room, a_member(CHEN, "join"))} == JOINS[join_rule]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("join_rule", KNOCKS)
def test_who_may_knock(version: str, join_rule: str) -> None:
    rooms = {state: a_room(version, members=membership(CHEN, state), join_rule=join_rule) for state in STATES}
    assert {state for state, room in rooms.items() if accepts(room, a_member(CHEN, "knock"))} == KNOCKS[join_rule]


# LI (level 50, joined) acts on CHEN (level 0): from which memberships of CHEN's is it accepted?
ACTS: dict[str, set[str | None]] = {
    "invite": {None, "invite", "leave", "knock"},
    "leave": set(STATES),
    "ban": set(STATES),
    "join": set(),
    "knock": set(),
    "something": set(),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("act", ACTS)
def test_what_one_person_may_do_to_another(version: str, act: str) -> None:
    rooms = {
        state: a_room(version, levels=LEVELS, members={LI: "join", **membership(CHEN, state)}, join_rule="public")
        for state in STATES
    }
    assert {state for state, room in rooms.items() if accepts(room, a_member(LI, act, CHEN))} == ACTS[act]


@pytest.mark.parametrize("act", ["invite", "leave", "ban"])
@pytest.mark.parametrize("state", [None, "invite", "leave", "ban", "knock"])
def test_nobody_acts_on_others_from_outside(act: str, state: str | None) -> None:
    room = a_room(levels=LEVELS, members={**membership(LI, state), CHEN: "leave"}, join_rule="public")
    assert not accepts(room, a_member(LI, act, CHEN))


@pytest.mark.parametrize(("state", "accepted"), [(s, s in ("invite", "join", "knock")) for s in STATES])
def test_who_may_leave(state: str | None, accepted: bool) -> None:
    assert accepts(a_room(members=membership(CHEN, state)), a_member(CHEN, "leave")) == accepted


@pytest.mark.parametrize(
    ("act", "levels", "accepted"),
    [
        ("invite", {"users": {LI: 25}, "invite": 25}, True),
        ("invite", {"users": {LI: 24}, "invite": 25}, False),
        ("invite", {}, True),
        ("leave", {"users": {LI: 30}, "kick": 30}, True),
        ("leave", {"users": {LI: 29}, "kick": 30}, False),
        ("leave", {"users": {LI: 50, CHEN: 49}}, True),
        ("leave", {"users": {LI: 50, CHEN: 50}}, False),
        ("ban", {"users": {LI: 30}, "ban": 30}, True),
        ("ban", {"users": {LI: 29}, "ban": 30}, False),
        ("ban", {"users": {LI: 50, CHEN: 49}}, True),
        ("ban", {"users": {LI: 50, CHEN: 50}}, False),
    ],
)
def test_levels_that_acts_need(act: str, levels: JsonObject, accepted: bool) -> None:
    room = a_room(levels=levels, members={LI: "join"})
    assert accepts(room, a_member(LI, act, CHEN)) == accepted


@pytest.mark.parametrize(
    ("levels", "accepted"),
    [
        ({"users": {LI: 50}, "kick": 50, "ban": 50}, True),
        ({"users": {LI: 49}, "kick": 10, "ban": 50}, False),
        ({"users": {LI: 49}, "kick": 50, "ban": 10}, False),
        ({"users": {LI: 50, CHEN: 50}, "kick": 10, "ban": 10}, False),
    ],
)
def test_to_unban_needs_both_levels_and_to_stand_above(levels: JsonObject, accepted: bool) -> None:
    room = a_room(levels=levels, members={LI: "join", CHEN: "ban"})
    assert accepts(room, a_member(LI, "leave", CHEN)) == accepted


def test_one_may_leave_but_not_ban_or_invite_oneself() -> None:
    room = a_room(levels=LEVELS, members={LI: "join"})
    assert accepts(room, a_member(LI, "leave"))
    assert not accepts(room, a_member(LI, "ban"))
    assert not accepts(room, a_member(LI, "invite"))


@pytest.mark.parametrize("version", VERSIONS)
def test_the_first_join_is_the_creators(version: str) -> None:
    empty = replace(a_room(version), members={})
    first = replace(a_member(WANG, "join"), prev_events=("$create",))
    assert accepts(empty, first)
    assert not accepts(empty, replace(first, prev_events=("$before",)))
    assert not accepts(empty, replace(first, prev_events=("$create", "$before")))
    assert not accepts(empty, replace(first, sender=LI, state_key=LI))


def test_an_additional_creator_makes_no_first_join() -> None:
    empty = replace(a_room(creators=frozenset({WANG, LI})), members={})
    assert not accepts(empty, replace(a_member(LI, "join"), prev_events=("$create",)))


VIA = "join_authorised_via_users_server"


@pytest.mark.parametrize("join_rule", ["restricted", "knock_restricted"])
@pytest.mark.parametrize(
    ("authoriser", "accepted"),
    [(LI, True), (ZHOU, False), (CHEN, False), (FOREIGN, False), ("no user", False), (1, False)],
)
def test_a_restricted_join_needs_somebody_who_may_invite(join_rule: str, authoriser: object, accepted: bool) -> None:
    # ZHOU may invite but has left; CHEN is the one who joins; FOREIGN's server did not sign.
    members = {LI: "join", ZHOU: "leave", FOREIGN: "join"}
    levels: JsonObject = {"users": {LI: 25, ZHOU: 50, FOREIGN: 50}, "invite": 25}
    room = a_room(levels=levels, members=members, join_rule=join_rule)
    assert accepts(room, a_member(CHEN, "join", **{VIA: authoriser})) == accepted
    assert not accepts(
        a_room(levels={"invite": 25}, members=members, join_rule=join_rule), a_member(CHEN, "join", **{VIA: LI})
    )


def test_a_ban_outweighs_an_authorised_join() -> None:
    room = a_room(members={LI: "join", CHEN: "ban"}, join_rule="restricted")
    assert not accepts(room, a_member(CHEN, "join", **{VIA: LI}))


def test_authorisation_by_another_server_needs_its_signature_whatever_the_membership() -> None:
    room = a_room(members={CHEN: "join"}, join_rule="public")
    assert accepts(room, a_member(CHEN, "leave", **{VIA: LI}))
    assert not accepts(room, a_member(CHEN, "leave", **{VIA: FOREIGN}))


@pytest.mark.parametrize(
    "event",
    [
        an_event("m.room.member", LI, {"membership": "join"}),
        an_event("m.room.member", LI, {}, LI),
        an_event("m.room.member", LI, {"membership": 1}, LI),
        an_event("m.room.member", LI, {"membership": ["join"]}, LI),
    ],
)
def test_a_malformed_member_event_is_refused(event: Event) -> None:
    assert not accepts(a_room(join_rule="public"), event)


@pytest.mark.parametrize("version", ["10", "11"])
def test_until_version_11_creators_are_bound_to_levels(version: str) -> None:
    room = a_room(version, levels={"users": {LI: 100, WANG: 0}}, members={LI: "join"})
    assert accepts(room, a_member(LI, "leave", WANG))
    assert not accepts(room, a_member(WANG, "ban", LI))


def test_since_version_12_creators_stand_above_everybody_but_each_other() -> None:
    creators = frozenset({WANG, ZHOU})
    room = a_room(levels={"users": {LI: 2**53 - 1}}, members={LI: "join", ZHOU: "join"}, creators=creators)
    assert not accepts(room, a_member(LI, "leave", WANG))
    assert not accepts(room, a_member(LI, "ban", ZHOU))
    assert accepts(room, a_member(ZHOU, "ban", LI))
    assert not accepts(room, a_member(ZHOU, "leave", WANG))


KEY = SigningKey.from_seed(bytes(range(32)), "0")
INVITES = {"token": ThirdPartyInvite(LI, (KEY.public_key,))}


def signed(**fields: object) -> JsonObject:
    plain: JsonObject = {"mxid": CHEN, "token": "token", **fields}  # type: ignore[dict-item]
    return KEY.sign_json(plain, "identity.example")


@pytest.mark.parametrize(
    ("invite", "state", "accepted"),
    [
        ({"signed": signed()}, None, True),
        ({"signed": signed()}, "ban", False),
        ({"signed": signed(mxid=ZHOU)}, None, False),
        ({"signed": signed(token="another")}, None, False),
        ({"signed": signed(token=1)}, None, False),
        ({"signed": {**signed(), "more": 1}}, None, False),
        ({"signed": {"mxid": CHEN, "token": "token"}}, None, False),
        ({"signed": {}}, None, False),
        ({}, None, False),
        ("no object", None, False),
    ],
)
def test_third_party_invites(invite: object, state: str | None, accepted: bool) -> None:
    room = replace(a_room(members={LI: "leave", **membership(CHEN, state)}), third_party_invites=INVITES)
    assert accepts(room, a_member(LI, "invite", CHEN, third_party_invite=invite)) == accepted
    assert not accepts(room, a_member(WANG, "invite", CHEN, third_party_invite=invite))


def membership(user_id: str, state: str | None) -> dict[str, str]:
    return {} if state is None else {user_id: state}
