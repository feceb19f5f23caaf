"""Random push rules and random events, for whoever holds the server's counts against the plain algorithm."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from hypothesis import strategies as st

from myelin.matrix.json import JsonObject
from myelin.rules.default_push_rules import Action, PushRules, default_ruleset
from myelin.rules.push import add_rule, set_actions, set_enabled


@dataclass(frozen=True)
class Names:
    """Whose rules they are, who else is there, and where."""

    viewer: str
    sender: str
    other: str
    room_id: str


Change: TypeAlias = Callable[[PushRules, Names], PushRules]
Changes: TypeAlias = Sequence[Change]

HIGHLIGHT: JsonObject = {"set_tweak": "highlight"}
ACTIONS: list[list[Action]] = [[], ["notify"], ["notify", HIGHLIGHT], ["notify", {**HIGHLIGHT, "value": False}]]
CONDITIONS: list[JsonObject] = [
    {"kind": "event_match", "key": "content.body", "pattern": "k+"},
    {"kind": "event_match", "key": "content.body", "pattern": "lab*k?"},
    {"kind": "event_match", "key": "type", "pattern": "m.*"},
    {"kind": "event_match", "key": "room_id", "pattern": "ROOM"},
    {"kind": "event_match", "key": "content.m\\.relates_to.rel_type", "pattern": "m.thread"},
    {"kind": "event_property_is", "key": "content.urgent", "value": True},
    {"kind": "event_property_is", "key": "content.level", "value": 2},
    {"kind": "event_property_contains", "key": "content.tags", "value": "lab"},
    {"kind": "contains_display_name"},
    {"kind": "room_member_count", "is": ">2"},
    {"kind": "room_member_count", "is": "2"},
    {"kind": "sender_notification_permission", "key": "room"},
    {"kind": "org.example.unknown"},
]
TYPES = st.sampled_from(["m.room.message", "m.room.encrypted", "m.reaction", "org.example.card", "m.call.invite"])


def contents(viewer: str) -> st.SearchStrategy[JsonObject]:
    relations: list[JsonObject] = [{"rel_type": "m.replace"}, {"rel_type": "m.thread"}]
    mentions: list[JsonObject] = [{}, {"user_ids": [viewer]}, {"room": True}]
    bodies = ["K+ 6.8", "lab: k9", "ok+", "心率 120", "Li, see this", "a", ""]
    optional: dict[str, st.SearchStrategy[Any]] = {
        "body": st.sampled_from(bodies) | st.integers(0, 9),
        "urgent": st.booleans() | st.just(1),
        "level": st.integers(0, 3) | st.just("2"),
        "tags": st.lists(st.sampled_from(["lab", "ward"])) | st.just("lab"),
        "m.relates_to": st.sampled_from(relations),
        "m.mentions": st.sampled_from(mentions),
    }
    return st.fixed_dictionaries({"msgtype": st.sampled_from(["m.text", "m.notice"])}, optional=optional)


def changed(wanted: Changes, names: Names) -> PushRules:
    """The rules of somebody who has made these changes."""
    rules = default_ruleset(names.viewer)
    for change in wanted:
        rules = change(rules, names)
    return rules


def changes() -> st.SearchStrategy[Changes]:
    return st.lists(own_rules() | default_rules(), max_size=5)


@st.composite
def own_rules(draw: st.DrawFn) -> Change:
    kind = draw(st.sampled_from(["override", "content", "room", "sender", "underride"]))
    number, actions = draw(st.integers(0, 9)), draw(st.sampled_from(ACTIONS))
    conditions = draw(st.lists(st.sampled_from(CONDITIONS), max_size=2))
    pattern, by_sender = draw(st.sampled_from(["k+", "lab", "*", "心*", "a?"])), draw(st.booleans())

    def change(rules: PushRules, names: Names) -> PushRules:
        here = [{**each, "pattern": names.room_id} if each.get("pattern") == "ROOM" else each for each in conditions]
        rule_ids = {"room": names.room_id, "sender": names.sender if by_sender else names.other}
        parts: dict[str, JsonObject] = {
            "content": {"pattern": pattern},
            "override": {"conditions": [*here]},
            "underride": {"conditions": [*here]},
        }
        return add_rule(rules, kind, rule_ids.get(kind, f"own {number}"), {"actions": actions, **parts.get(kind, {})})

    return change


@st.composite
def default_rules(draw: st.DrawFn) -> Change:
    name = draw(st.sampled_from(["message", "encrypted", "suppress_edits", "suppress_notices", "master"]))
    kind = "underride" if name in ("message", "encrypted") else "override"
    enabled, actions = draw(st.booleans()), draw(st.sampled_from(ACTIONS))

    def change(rules: PushRules, _names: Names) -> PushRules:
        rules = set_enabled(rules, kind, f".m.rule.{name}", enabled)
        return set_actions(rules, kind, f".m.rule.{name}", actions)

    return change
