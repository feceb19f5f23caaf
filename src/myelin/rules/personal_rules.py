"""The push rules of one person, compiled: what they make of an event that the default rules would treat otherwise.

Muted and silenced rooms are left out here: they are looked at when counts are read, so that muting a room takes
back what has notified already. See `state.user_fold.with_push_rules`, which finds them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from myelin.matrix.events import Event, EventDraft
from myelin.matrix.json import JsonObject
from myelin.rules.default_push_rules import (
    MASTER,
    RULE_KINDS,
    Action,
    Condition,
    PushRule,
    PushRules,
    RuleKind,
    default_ruleset,
)
from myelin.rules.outcomes import Outcome, PersonalOutcomes, by_default
from myelin.rules.push import Notice, rules_of
from myelin.rules.push_conditions import Holds, Occasion, compiled
from myelin.state.room import Room
from myelin.state.user_fold import only_room

NameOf = Callable[[str], str | None]

ABOVE_ROOMS: frozenset[RuleKind] = frozenset({"override", "content"})


class CompiledRule(msgspec.Struct, frozen=True):
    """A rule that is enabled: when it holds, what an event is then, and what the phone is told to do."""

    rule_id: str
    conditions: tuple[Holds, ...]
    outcome: Outcome
    actions: tuple[Action, ...]

    def holds(self, occasion: Occasion) -> bool:
        return all(holds(occasion) for holds in self.conditions)


class PersonalRules(msgspec.Struct, frozen=True):
    """A person's rules in the order in which they are tried; `needs_name` where one looks for their display name."""

    rules: tuple[CompiledRule, ...]
    needs_name: bool = False

    def outcome(self, occasion: Occasion) -> Outcome:
        """Return what an event of somebody else is to this person."""
        rule = self.deciding(occasion)
        return rule.outcome if rule is not None else Outcome.QUIET

    def deciding(self, occasion: Occasion) -> CompiledRule | None:
        """Return the rule that decides, None where none holds."""
        return next((rule for rule in self.rules if rule.holds(occasion)), None)


class People:
    """The few people whose rules are not the default ones."""

    def __init__(self) -> None:
        self._people: dict[str, PersonalRules] = {}

    def __len__(self) -> int:
        return len(self._people)

    def of(self, user_id: str) -> PersonalRules | None:
        """Return a person's rules, None where they have the default ones."""
        return self._people.get(user_id)

    def set_rules(self, user_id: str, content: JsonObject) -> None:
        """Take over a person's `m.push_rules`."""
        rules = personal_rules(content, user_id)
        if rules is None:
            self._people.pop(user_id, None)
        else:
            self._people[user_id] = rules

    def outcomes(self, event: Event | EventDraft, room: Room, notice: Notice, name_of: NameOf) -> PersonalOutcomes:
        """Return who in the room gets something else of an event than the default rules give, and what."""
        if not self._people or room.feed in ("critical", "reports"):
            return ()
        return tuple(sorted(self._outcomes(event, room, notice, name_of)))

    def _outcomes(
        self, event: Event | EventDraft, room: Room, notice: Notice, name_of: NameOf
    ) -> Iterator[tuple[str, int]]:
        occasion = Occasion(event, room)
        for user_id in self._people.keys() & room.members.keys():
            is_named = user_id in notice.named
            if user_id == event.sender or not (is_named or room.membership(user_id) == "join"):
                continue
            rules = self._people[user_id]
            occasion.display_name = name_of(user_id) if rules.needs_name else None
            outcome = rules.outcome(occasion)
            if outcome is not by_default(notice.notice_class, is_named):
                yield user_id, int(outcome)


def personal_rules(content: JsonObject, user_id: str) -> PersonalRules | None:
    """Return a person's rules, None where they do with every event what the default rules do."""
    rules = list(rules_that_count(rules_of(content, user_id)))
    if rules == list(rules_that_count(default_ruleset(user_id))):
        return None
    needs_name = any(is_of_name(condition) for _, rule in rules for condition in rule.get("conditions", []))
    return PersonalRules(tuple(compiled_rule(rule, kind) for kind, rule in rules), needs_name)


def default_rules(user_id: str) -> PersonalRules:
    """Return the rules of somebody who never changed any."""
    rules = rules_that_count(default_ruleset(user_id))
    return PersonalRules(tuple(compiled_rule(rule, kind) for kind, rule in rules))


def rules_that_count(ruleset: PushRules) -> Iterator[tuple[RuleKind, PushRule]]:
    """Yield the enabled rules in order, but for those that only mute or silence a room."""
    above_all = True
    for kind in RULE_KINDS:
        for rule in ruleset["global"][kind]:
            if not rule["enabled"]:
                continue
            is_mute = "notify" not in rule["actions"] and (
                kind == "room" or (kind == "override" and above_all and silences(rule))
            )
            above_all = above_all and is_mute
            if not is_mute:
                yield kind, rule


def silences(rule: PushRule) -> bool:
    """Whether a rule that notifies nobody is about one room only, or about everything."""
    return rule["rule_id"] == MASTER or only_room(rule) is not None  # type: ignore[arg-type]


def compiled_rule(rule: PushRule, kind: RuleKind) -> CompiledRule:
    conditions = tuple(map(compiled, conditions_of(rule, kind)))
    return CompiledRule(rule["rule_id"], conditions, outcome_of(rule, kind), tuple(rule["actions"]))


def conditions_of(rule: PushRule, kind: RuleKind) -> list[Condition]:
    """Return the conditions of a rule, those that its kind implies among them."""
    if kind == "content":
        return [{"kind": "event_match", "key": "content.body", "pattern": rule.get("pattern", "")}]
    if kind in IMPLIED:
        return [{"kind": "event_property_is", "key": IMPLIED[kind], "value": rule["rule_id"]}]
    return rule.get("conditions", [])


IMPLIED: Mapping[RuleKind, str] = {"room": "room_id", "sender": "sender"}


def is_of_name(condition: Condition) -> bool:
    return condition.get("kind") == "contains_display_name"


def outcome_of(rule: PushRule, kind: RuleKind) -> Outcome:
    """Return what a rule's actions make of an event."""
    if "notify" not in rule["actions"]:
        return Outcome.QUIET
    is_highlight = any(map(highlights, rule["actions"]))
    if kind in ABOVE_ROOMS:
        return Outcome.HIGHLIGHT_LOUD if is_highlight else Outcome.NOTIFY_LOUD
    return Outcome.HIGHLIGHT if is_highlight else Outcome.NOTIFY


def highlights(action: Action) -> bool:
    # If a highlight tweak is given with no value, its value is defined to be true.
    return isinstance(action, dict) and action.get("set_tweak") == "highlight" and action.get("value") is not False
