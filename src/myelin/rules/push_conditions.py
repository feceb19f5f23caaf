"""The conditions of push rules (Matrix specification, "Conditions"), compiled to functions of an event in its room.

A condition that is unknown, or not of its kind's shape, never holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from myelin.matrix.events import Event, EventDraft
from myelin.matrix.json import JsonObject, JsonValue
from myelin.rules.globs import Matches, whole_glob, word_glob
from myelin.state.room import Room

# A keyword is looked for so far into a text: longer ones are files, not messages.
TEXT_LIMIT = 10_000
BODY = ("content", "body")

COUNTS: Mapping[str, Callable[[int, int], bool]] = {
    "==": int.__eq__,
    "<": int.__lt__,
    ">": int.__gt__,
    ">=": int.__ge__,
    "<=": int.__le__,
}


class Occasion:
    """One event in its room, as the conditions of several people look at it: what they share is found once.

    `display_name` is that of the person whose rules are asked.
    """

    def __init__(self, event: Event | EventDraft, room: Room) -> None:
        self.event = event
        self.display_name: str | None = None
        self._room = room
        self._texts: dict[Sequence[str], str | None] = {}
        self._member_count = -1

    @property
    def member_count(self) -> int:
        """How many people are joined."""
        if self._member_count < 0:
            self._member_count = sum(1 for _ in self._room.joined())
        return self._member_count

    def may_notify(self, key: str) -> bool:
        """Whether the sender's power allows a notification of this kind."""
        levels = self._room.power_levels
        return levels.user_level(self.event.sender) >= levels.notification_level(key)

    def text(self, path: Sequence[str]) -> str | None:
        """Return the text at a path in lower case, as far as it is looked at; None where there is none."""
        if path not in self._texts:
            value = self.value(path)
            self._texts[path] = value[:TEXT_LIMIT].lower() if isinstance(value, str) else None
        return self._texts[path]

    def value(self, path: Sequence[str]) -> JsonValue:
        """Return the value at a path, None where there is none."""
        value: JsonValue = TOP.get(path[0], nothing)(self.event)
        for step in path[1:]:
            value = value.get(step) if isinstance(value, dict) else None
        return value


Holds = Callable[[Occasion], bool]


def nothing(_event: Event | EventDraft) -> JsonValue:
    return None


TOP: Mapping[str, Callable[[Event | EventDraft], JsonValue]] = {
    "type": lambda event: event.type,
    "sender": lambda event: event.sender,
    "room_id": lambda event: event.room_id,
    "state_key": lambda event: event.state_key,
    "content": lambda event: event.content,
}


def compiled(condition: JsonObject) -> Holds:
    """Return what says whether a condition holds."""
    compile_kind = KINDS.get(str(condition.get("kind")))
    holds = compile_kind(condition) if compile_kind is not None else None
    return holds if holds is not None else never


def never(_occasion: Occasion) -> bool:
    return False


def event_match(condition: JsonObject) -> Holds | None:
    key, pattern = condition.get("key"), condition.get("pattern")
    if not isinstance(key, str) or not isinstance(pattern, str):
        return None
    path = path_of(key)
    # If the key is content.body, the pattern matches any part that begins and ends at a word boundary.
    return text_matches(path, word_glob(pattern) if path == BODY else whole_glob(pattern))


def text_matches(path: Sequence[str], matches: Matches) -> Holds:
    def holds(occasion: Occasion) -> bool:
        text = occasion.text(path)
        return text is not None and matches(text)

    return holds


def event_property_is(condition: JsonObject) -> Holds | None:
    key, wanted = condition.get("key"), condition.get("value")
    if not isinstance(key, str) or "value" not in condition or isinstance(wanted, dict | list | float):
        return None
    path = path_of(key)
    if wanted is None:
        return lambda occasion: is_null(occasion, path)
    return lambda occasion: same(occasion.value(path), wanted)


def event_property_contains(condition: JsonObject) -> Holds | None:
    key, wanted = condition.get("key"), condition.get("value")
    if not isinstance(key, str) or "value" not in condition or isinstance(wanted, dict | list | float):
        return None
    path = path_of(key)

    def holds(occasion: Occasion) -> bool:
        values = occasion.value(path)
        return isinstance(values, list) and any(same(value, wanted) for value in values)

    return holds


def contains_display_name(_condition: JsonObject) -> Holds:
    def holds(occasion: Occasion) -> bool:
        text, name = occasion.text(BODY), occasion.display_name
        if not text or not name:
            return False
        bounded = rf"(?<![A-Za-z0-9_]){re.escape(name.lower())}(?![A-Za-z0-9_])"
        return re.search(bounded, text) is not None

    return holds


def room_member_count(condition: JsonObject) -> Holds | None:
    written = condition.get("is")
    found = re.fullmatch(r"(==|<=|>=|<|>)?([0-9]{1,9})", written) if isinstance(written, str) else None
    if found is None:
        return None
    compare, count = COUNTS[found[1] or "=="], int(found[2])
    return lambda occasion: compare(occasion.member_count, count)


def sender_notification_permission(condition: JsonObject) -> Holds | None:
    key = condition.get("key")
    return (lambda occasion: occasion.may_notify(key)) if isinstance(key, str) else None


KINDS: Mapping[str, Callable[[JsonObject], Holds | None]] = {
    "event_match": event_match,
    "event_property_is": event_property_is,
    "event_property_contains": event_property_contains,
    "contains_display_name": contains_display_name,
    "room_member_count": room_member_count,
    "sender_notification_permission": sender_notification_permission,
}


def path_of(key: str) -> tuple[str, ...]:
    """Return the steps of a dot-separated path; a backslash before a dot or a backslash takes away its meaning."""
    steps = re.findall(r"(?:\\[.\\]|[^.])+|(?<=\.)(?=\.|$)|^(?=\.|$)", key)
    return tuple(re.sub(r"\\([.\\])", r"\1", step) for step in steps)


def same(value: JsonValue, wanted: JsonValue) -> bool:
    # In Python True equals 1; in JSON it does not.
    return type(value) is type(wanted) and value == wanted


def is_null(occasion: Occasion, path: Sequence[str]) -> bool:
    """Whether there is a null at this path: one that is absent is no null."""
    parent = occasion.value(path[:-1]) if len(path) > 1 else None
    return isinstance(parent, dict) and path[-1] in parent and parent[path[-1]] is None
