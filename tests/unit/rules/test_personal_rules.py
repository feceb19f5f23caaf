"""Own push rules give what the specification's algorithm gives, and cost nothing to who has none."""

from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from myelin.matrix.events import Event
from myelin.matrix.json import JsonObject
from myelin.matrix.power_levels import parse_power_levels
from myelin.matrix.room_versions import room_version
from myelin.rules.default_push_rules import default_ruleset
from myelin.rules.outcomes import Outcome, outcome_for
from myelin.rules.personal_rules import People, default_rules, personal_rules
from myelin.rules.push import add_rule, classify, set_enabled
from myelin.rules.push_conditions import Occasion, compiled, path_of
from myelin.state.room import Member, Room
from myelin.state.user import User
from myelin.state.user_fold import with_push_rules
from tests.unit.rules.push_oracle import actions_of
from tests.unit.rules.rulesets import HIGHLIGHT, TYPES, Changes, Names, changed, changes, contents

WANG, LI, CHEN = (f"@{name}:hospital.example" for name in ("wang", "li", "chen"))
WARD = "!ward:hospital.example"
NAMES = Names(LI, WANG, CHEN, WARD)
EVENTS = st.builds(
    lambda kind, sender, content: Event("$event", WARD, kind, sender, None, content, 1, 1, (), ()),
    TYPES,
    st.sampled_from([WANG, CHEN, LI]),
    contents(LI),
)


def a_room(members: int) -> Room:
    version = room_version("12")
    names = [LI, WANG, CHEN][:members]
    return Room(
        room_id=WARD,
        number=1,
        version=version,
        create_event_id="$create",
        creator=WANG,
        creators=frozenset([WANG]),
        power_levels=parse_power_levels({"users": {}}, frozenset([WANG]), version),
        members={name: Member("join", "$member", 2, 2) for name in names},
    )


@given(changes(), EVENTS, st.sampled_from([2, 3]))
def test_what_an_event_is_to_a_person_is_what_the_rules_say(wanted: Changes, event: Event, members: int) -> None:
    rules = changed(wanted, NAMES)
    room, people = a_room(members), People()
    content = cast(JsonObject, rules)
    people.set_rules(LI, content)
    may_notify_room = event.sender == WANG
    notice = classify(event, may_notify_room)
    personal = people.outcomes(event, room, notice, lambda _: "Li")
    if event.sender == LI:
        assert personal == ()
        return
    outcome = outcome_for(LI, notice.notice_class, notice.named, personal)
    person = with_push_rules(User(user_id=LI, number=1), content)
    if person.all_silenced or WARD in person.silenced:
        outcome = Outcome.QUIET
    elif WARD in person.muted:
        outcome = outcome.where_muted
    actions = actions_of(rules, event, LI, members, may_notify_room, "Li")
    assert outcome.notifies == ("notify" in actions)
    assert outcome.highlights == ("notify" in actions and HIGHLIGHT in actions)


def test_who_has_the_default_rules_costs_nothing() -> None:
    people = People()
    for rules in (
        default_ruleset(LI),
        add_rule(default_ruleset(LI), "room", WARD, {"actions": []}),
        set_enabled(default_ruleset(LI), "override", ".m.rule.master", True),
    ):
        people.set_rules(LI, cast(JsonObject, rules))
        assert len(people) == 0


def test_rules_that_are_no_longer_ones_own_are_forgotten() -> None:
    people = People()
    people.set_rules(
        LI, cast(JsonObject, add_rule(default_ruleset(LI), "content", "k", {"actions": [], "pattern": "k"}))
    )
    assert len(people) == 1
    people.set_rules(LI, cast(JsonObject, default_ruleset(LI)))
    assert len(people) == 0


def test_the_deciding_rule_tells_the_phone_what_to_do() -> None:
    call = Event("$event", WARD, "m.call.invite", WANG, None, {}, 1, 1, (), ())
    rule = default_rules(LI).deciding(Occasion(call, a_room(2)))
    assert rule is not None
    assert {"set_tweak": "sound", "value": "ring"} in rule.actions
    assert personal_rules(cast(JsonObject, default_ruleset(LI)), LI) is None


def test_a_path_is_split_at_dots_that_are_not_escaped() -> None:
    assert path_of("content.m\\.mentions.user_ids") == ("content", "m.mentions", "user_ids")
    assert path_of("content.a\\\\.b") == ("content", "a\\", "b")
    assert path_of("") == ("",)


JUNK: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("a.\\*?", max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "body"]), inner, max_size=2),
    max_leaves=4,
)
KINDS = ["event_match", "event_property_is", "event_property_contains", "room_member_count", "contains_display_name"]
STRANGE = st.fixed_dictionaries(
    {"kind": st.sampled_from([*KINDS, "sender_notification_permission"])},
    optional=dict.fromkeys(("key", "pattern", "value", "is"), JUNK),
)


@given(STRANGE, st.dictionaries(st.sampled_from(["a", "body", ""]), JUNK, max_size=3))
def test_no_condition_that_a_client_invents_keeps_anybody_from_speaking(
    condition: dict[str, object], content: dict[str, object]
) -> None:
    event = Event("$event", WARD, "m.room.message", WANG, None, cast(JsonObject, content), 1, 1, (), ())
    occasion = Occasion(event, a_room(2))
    occasion.display_name = "a.*"
    assert compiled(cast(JsonObject, condition))(occasion) in (True, False)


@given(st.text("ab.\\", max_size=8))
def test_every_key_is_a_path(key: str) -> None:
    path = path_of(key)
    assert path
    if "\\" not in key:
        assert path == tuple(key.split("."))
