"""Push rules, evaluated one condition after another as the specification words them: only for tests."""

import re
from collections.abc import Iterator

from myelin.matrix.events import Event
from myelin.matrix.json import JsonValue
from myelin.rules.default_push_rules import Action, Condition, PushRule, PushRules, RuleKind, default_ruleset

KINDS: tuple[RuleKind, ...] = ("override", "content", "room", "sender", "underride")


def default_actions(event: Event, viewer: str, members: int, may_notify_room: bool) -> list[Action]:
    """The actions of the first default rule that matches; none for one's own event."""
    return actions_of(default_ruleset(viewer), event, viewer, members, may_notify_room)


def actions_of(
    ruleset: PushRules, event: Event, viewer: str, members: int, may_notify_room: bool, display_name: str = ""
) -> list[Action]:
    """The actions of the first rule that matches; none for one's own event."""
    if event.sender == viewer:
        return []
    for rule, conditions in _in_order(ruleset):
        if rule["enabled"] and all(_holds(each, event, members, may_notify_room, display_name) for each in conditions):
            return rule["actions"]
    return []


def _in_order(ruleset: PushRules) -> Iterator[tuple[PushRule, list[Condition]]]:
    for kind in KINDS:
        for rule in ruleset["global"][kind]:
            yield rule, _conditions(kind, rule)


def _conditions(kind: RuleKind, rule: PushRule) -> list[Condition]:
    if kind == "content":
        return [{"kind": "event_match", "key": "content.body", "pattern": rule["pattern"]}]
    if kind in ("room", "sender"):
        key = "room_id" if kind == "room" else "sender"
        return [{"kind": "event_property_is", "key": key, "value": rule["rule_id"]}]
    return rule.get("conditions", [])


def _holds(condition: Condition, event: Event, members: int, may_notify_room: bool, display_name: str) -> bool:
    kind, key = condition["kind"], str(condition.get("key"))
    if kind == "room_member_count":
        return _compares(members, str(condition["is"]))
    if kind == "sender_notification_permission":
        return may_notify_room
    if kind == "contains_display_name":
        return bool(display_name) and _in_words(re.escape(display_name), _property(event, "content.body"))
    value = _property(event, key)
    if kind == "event_match":
        pattern = _glob(str(condition["pattern"]))
        if key == "content.body":
            return _in_words(pattern, value)
        return isinstance(value, str) and re.fullmatch(pattern, value, re.IGNORECASE | re.DOTALL) is not None
    if kind == "event_property_is":
        return type(value) is type(condition["value"]) and value == condition["value"]
    if kind == "event_property_contains":
        return isinstance(value, list) and condition["value"] in [each for each in value if isinstance(each, str)]
    return False


def _compares(count: int, written: str) -> bool:
    found = re.fullmatch(r"(==|<=|>=|<|>|)(\d+)", written)
    assert found is not None
    limit = int(found[2])
    return {
        "": count == limit,
        "==": count == limit,
        "<": count < limit,
        ">": count > limit,
        "<=": count <= limit,
        ">=": count >= limit,
    }[found[1]]


def _in_words(pattern: str, value: JsonValue) -> bool:
    bounded = rf"(?:^|[^A-Za-z0-9_])(?:{pattern})(?:$|[^A-Za-z0-9_])"
    return isinstance(value, str) and re.search(bounded, value, re.IGNORECASE | re.DOTALL) is not None


def _glob(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")


def _property(event: Event, key: str) -> JsonValue:
    fields: JsonValue = {"type": event.type, "sender": event.sender, "content": event.content, "room_id": event.room_id}
    if isinstance(fields, dict) and event.state_key is not None:
        fields["state_key"] = event.state_key
    for step in (part.replace("\\.", ".") for part in re.split(r"(?<!\\)\.", key)):
        fields = fields.get(step) if isinstance(fields, dict) else None
    return fields
