"""The default push rules, evaluated one condition after another as the specification words them: only for tests."""

import re

from myelin.matrix.events import Event
from myelin.matrix.json import JsonValue
from myelin.rules.default_push_rules import Action, Condition, default_ruleset


def default_actions(event: Event, viewer: str, members: int, may_notify_room: bool) -> list[Action]:
    """The actions of the first default rule that matches; none for one's own event."""
    if event.sender == viewer:
        return []
    ruleset = default_ruleset(viewer)["global"]
    for rule in ruleset["override"] + ruleset["underride"]:
        conditions = rule.get("conditions", [])
        if rule["enabled"] and all(_holds(each, event, members, may_notify_room) for each in conditions):
            return rule["actions"]
    return []


def _holds(condition: Condition, event: Event, members: int, may_notify_room: bool) -> bool:
    kind, key = condition["kind"], str(condition.get("key"))
    if kind == "room_member_count":
        return members == int(str(condition["is"]))
    if kind == "sender_notification_permission":
        return may_notify_room
    value = _property(event, key)
    if kind == "event_match":
        return isinstance(value, str) and _glob(str(condition["pattern"])).fullmatch(value) is not None
    if kind == "event_property_is":
        return type(value) is type(condition["value"]) and value == condition["value"]
    assert kind == "event_property_contains"
    return isinstance(value, list) and condition["value"] in [each for each in value if isinstance(each, str)]


def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.IGNORECASE | re.DOTALL)


def _property(event: Event, key: str) -> JsonValue:
    fields: JsonValue = {"type": event.type, "sender": event.sender, "content": event.content}
    if isinstance(fields, dict) and event.state_key is not None:
        fields["state_key"] = event.state_key
    for step in (part.replace("\\.", ".") for part in re.split(r"(?<!\\)\.", key)):
        fields = fields.get(step) if isinstance(fields, dict) else None
    return fields
