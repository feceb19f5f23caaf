import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myelin.matrix.errors import BadJson, InvalidParam, MatrixError, NotFound
from myelin.rules.default_push_rules import PushRules, default_ruleset
from myelin.rules.push import (
    add_rule,
    get_rule,
    muted,
    remove_rule,
    set_actions,
    set_enabled,
    silenced,
    with_current_defaults,
)

WANG = "@wang:hospital.example"
WARD = "!ward:hospital.example"
QUIET: dict[str, object] = {"actions": []}
KEYWORD = {"actions": ["notify"], "pattern": "handover"}


@pytest.fixture
def rules() -> PushRules:
    return default_ruleset(WANG)


def own(rules: PushRules, kind: str = "content") -> list[str]:
    return [rule["rule_id"] for rule in rules["global"][kind] if not rule["default"]]  # type: ignore[literal-required]


def ids(rules: PushRules, kind: str) -> list[str]:
    return [rule["rule_id"] for rule in rules["global"][kind]]  # type: ignore[literal-required]


# --- own rules ---


def test_a_new_rule_is_enabled_and_the_most_important_of_its_kind(rules: PushRules) -> None:
    rules = add_rule(rules, "content", "tea", KEYWORD)
    rules = add_rule(rules, "content", "cake", {"actions": ["notify"], "pattern": "cake*lie"})
    assert own(rules) == ["cake", "tea"]
    assert get_rule(rules, "content", "cake") == {
        "rule_id": "cake", "default": False, "enabled": True, "actions": ["notify"], "pattern": "cake*lie",
    }  # fmt: skip


def test_own_override_rules_stand_below_master_and_above_the_other_defaults(rules: PushRules) -> None:
    rules = add_rule(rules, "override", "mine", {"actions": [], "conditions": []})
    assert ids(rules, "override")[:3] == [".m.rule.master", "mine", ".m.rule.suppress_notices"]
    rules = add_rule(rules, "underride", "last", {"actions": []})
    assert ids(rules, "underride")[:2] == ["last", ".m.rule.call"]
    assert get_rule(rules, "underride", "last").get("conditions") == []


def test_before_puts_a_rule_directly_above_and_after_directly_below(rules: PushRules) -> None:
    for rule_id in ("c", "b", "a"):
        rules = add_rule(rules, "content", rule_id, KEYWORD)
    assert own(add_rule(rules, "content", "x", KEYWORD, before="b")) == ["a", "x", "b", "c"]
    assert own(add_rule(rules, "content", "x", KEYWORD, after="b")) == ["a", "b", "x", "c"]
    # If both are provided, the rule must be the next most important with respect to `before`.
    assert own(add_rule(rules, "content", "x", KEYWORD, before="c", after="a")) == ["a", "b", "x", "c"]


def test_an_existing_rule_is_updated_in_its_place_and_stays_disabled(rules: PushRules) -> None:
    for rule_id in ("b", "a"):
        rules = add_rule(rules, "content", rule_id, KEYWORD)
    rules = set_enabled(rules, "content", "b", False)
    rules = add_rule(rules, "content", "b", {"actions": [], "pattern": "tea"})
    assert own(rules) == ["a", "b"]
    updated = get_rule(rules, "content", "b")
    assert (updated["enabled"], updated["actions"], updated.get("pattern")) == (False, [], "tea")
    assert own(add_rule(rules, "content", "b", KEYWORD, before="a")) == ["b", "a"]


@pytest.mark.parametrize("neighbour", ["unknown", "b", ".m.rule.master"])
def test_a_rule_cannot_stand_next_to_an_unknown_rule_itself_or_a_default(rules: PushRules, neighbour: str) -> None:
    rules = add_rule(rules, "override", "b", QUIET)
    for place in ("before", "after"):
        with pytest.raises(MatrixError) as refusal:
            add_rule(rules, "override", "b", QUIET, **{place: neighbour})
        assert (refusal.value.status, refusal.value.errcode) == (400, "M_UNKNOWN")


@pytest.mark.parametrize("rule_id", ["", ".m.rule.message", ".mine", "a/b", "a\\b"])
def test_reserved_rule_ids_are_refused(rules: PushRules, rule_id: str) -> None:
    with pytest.raises(InvalidParam):
        add_rule(rules, "override", rule_id, QUIET)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("override", None),
        ("override", []),
        ("override", {}),
        ("override", {"actions": "notify"}),
        ("override", {"actions": [1]}),
        ("override", {"actions": [{"value": "default"}]}),
        ("override", {"actions": [], "conditions": "all"}),
        ("underride", {"actions": [], "conditions": [{"key": "type"}]}),
        ("content", {"actions": []}),
        ("content", {"actions": [], "pattern": 7}),
    ],
)
def test_what_is_not_a_rule_is_refused(rules: PushRules, kind: str, body: object) -> None:
    with pytest.raises(BadJson):
        add_rule(rules, kind, "mine", body)


def test_an_unknown_kind_is_refused_everywhere(rules: PushRules) -> None:
    for attempt in (
        lambda: add_rule(rules, "device", "mine", QUIET),
        lambda: get_rule(rules, "device", "mine"),
        lambda: remove_rule(rules, "device", "mine"),
        lambda: set_enabled(rules, "device", "mine", True),
        lambda: set_actions(rules, "device", "mine", []),
    ):
        with pytest.raises(InvalidParam):
            attempt()


def test_historical_actions_are_stripped(rules: PushRules) -> None:
    rules = add_rule(rules, "room", WARD, {"actions": ["dont_notify", "coalesce"]})
    assert get_rule(rules, "room", WARD)["actions"] == []
    rules = set_actions(rules, "room", WARD, ["notify", "coalesce"])
    assert get_rule(rules, "room", WARD)["actions"] == ["notify"]


def test_unknown_conditions_and_tweaks_are_kept_as_they_came(rules: PushRules) -> None:
    condition = {"kind": "org.example.moon", "phase": {"full": True}}
    tweak = {"set_tweak": "org.example.light", "value": [1, 2]}
    rules = add_rule(rules, "override", "mine", {"actions": ["notify", tweak], "conditions": [condition]})
    kept = get_rule(rules, "override", "mine")
    assert (kept["actions"], kept.get("conditions")) == (["notify", tweak], [condition])


# --- changes to any rule ---


def test_what_is_not_there_is_not_found(rules: PushRules) -> None:
    for attempt in (
        lambda: get_rule(rules, "room", WARD),
        lambda: remove_rule(rules, "room", WARD),
        lambda: set_enabled(rules, "room", WARD, False),
        lambda: set_actions(rules, "room", WARD, []),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_a_default_rule_can_be_disabled_and_changed_but_not_deleted(rules: PushRules) -> None:
    rules = set_enabled(rules, "underride", ".m.rule.message", False)
    rules = set_actions(rules, "underride", ".m.rule.message", [])
    changed = get_rule(rules, "underride", ".m.rule.message")
    assert (changed["default"], changed["enabled"], changed["actions"]) == (True, False, [])
    with pytest.raises(NotFound):
        remove_rule(rules, "underride", ".m.rule.message")


def test_new_defaults_reach_a_stored_ruleset_and_keep_what_was_chosen(rules: PushRules) -> None:
    stored = add_rule(set_actions(rules, "underride", ".m.rule.call", []), "override", "mine", QUIET)
    stored = set_enabled(stored, "override", ".m.rule.reaction", False)
    older = copy.deepcopy(stored)
    older["global"]["override"] = [r for r in older["global"]["override"] if r["rule_id"] != ".m.rule.suppress_edits"]
    assert with_current_defaults(older, WANG) == stored


RULE_IDS = st.sampled_from(["a", "b", "c", "d"])
NEIGHBOURS = st.none() | RULE_IDS


@given(st.lists(st.tuples(st.sampled_from(["override", "content"]), RULE_IDS, NEIGHBOURS, NEIGHBOURS), max_size=12))
def test_whatever_is_added_defaults_keep_their_order_and_nothing_else_moves(
    additions: list[tuple[str, str, str | None, str | None]],
) -> None:
    rules = default_ruleset(WANG)
    for kind, rule_id, before, after in additions:
        earlier = copy.deepcopy(rules)
        others = [each for each in own(rules, kind) if each != rule_id]
        try:
            rules = add_rule(earlier, kind, rule_id, KEYWORD, before, after)
        except MatrixError:
            assert (before or after) not in others
            continue
        assert [each for each in own(rules, kind) if each != rule_id] == others
        assert own(rules, kind).count(rule_id) == 1
    assert with_current_defaults(rules, WANG) == rules
    assert rules["global"]["override"][0]["rule_id"] == ".m.rule.master"
    assert own(rules, "override") == ids(rules, "override")[1 : 1 + len(own(rules, "override"))]


def test_a_change_leaves_the_old_ruleset_as_it_was(rules: PushRules) -> None:
    untouched = copy.deepcopy(rules)
    set_enabled(rules, "override", ".m.rule.master", True)
    set_actions(rules, "underride", ".m.rule.call", [])
    remove_rule(add_rule(rules, "room", WARD, QUIET), "room", WARD)
    assert rules == untouched


# --- muted rooms ---


def mute_override(rules: PushRules, room_id: str) -> PushRules:
    condition = {"kind": "event_match", "key": "room_id", "pattern": room_id}
    return add_rule(rules, "override", room_id, {"actions": [], "conditions": [condition]})


def test_a_room_rule_mutes_all_but_mentions_and_an_override_silences(rules: PushRules) -> None:
    assert not muted(rules, WARD)
    by_room = add_rule(rules, "room", WARD, QUIET)
    by_override = mute_override(rules, WARD)
    assert (muted(by_room, WARD), silenced(by_room, WARD)) == (True, False)
    assert (muted(by_override, WARD), silenced(by_override, WARD)) == (True, True)
    assert not muted(by_room, "!other:hospital.example")
    assert not muted(by_override, "!other:hospital.example")


def test_a_disabled_or_loud_or_narrower_rule_mutes_nothing(rules: PushRules) -> None:
    assert not muted(set_enabled(mute_override(rules, WARD), "override", WARD, False), WARD)
    assert not muted(add_rule(rules, "room", WARD, {"actions": ["notify"]}), WARD)
    at_night = [{"kind": "event_match", "key": "room_id", "pattern": WARD}, {"kind": "room_member_count", "is": ">9"}]
    assert not muted(add_rule(rules, "override", "mine", {"actions": [], "conditions": at_night}), WARD)


def test_master_silences_every_room(rules: PushRules) -> None:
    assert silenced(set_enabled(rules, "override", ".m.rule.master", True), WARD)
