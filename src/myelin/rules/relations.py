"""What may relate to what (client-server API, "Event relationships"): decided when an event is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from myelin.entries.entry import Entry
from myelin.entries.facts import EventAppended
from myelin.matrix.errors import DuplicateAnnotation, Forbidden, MatrixError
from myelin.matrix.json import JsonObject, JsonValue

ANNOTATION, REPLACE, THREAD = "m.annotation", "m.replace", "m.thread"

# One's own reactions to an event are looked through for an equal one, and one's edits go where their original goes.
OWN_LIMIT = 200


class NoThreadRoot(MatrixError):
    """A thread cannot begin with this message, because it belongs to another one itself; answer there."""

    # Servers should use M_UNKNOWN alongside the HTTP 400 status code.
    status, errcode = 400, "M_UNKNOWN"


def check_thread_root(root: Entry) -> None:
    """Raise `NoThreadRoot` where an event relates to another one."""
    # Servers SHOULD reject client requests which attempt to start a thread off an event with an m.relates_to property.
    if isinstance(root.facts, EventAppended) and root.facts.rel_type is not None:
        raise NoThreadRoot


def check_editable(is_redacted: bool) -> None:
    """Raise `Forbidden` where what was recalled would be said again by an edit."""
    if is_redacted:
        raise Forbidden("this message was recalled; write a new one")


def check_few(own: Sequence[Entry]) -> None:
    """Raise `Forbidden` where somebody has related too much to one event in one way."""
    if len(own) >= OWN_LIMIT:
        raise Forbidden(f"you have reacted to this message or edited it {OWN_LIMIT} times; write a new one")


def check_new_annotation(event_type: str, content: JsonObject, own: Iterable[Entry]) -> None:
    """Raise `DuplicateAnnotation` where one's own annotations hold this one already."""
    # Homeservers should prevent users from sending a second annotation with identical event type and annotation key.
    key = annotation_key(content)
    events = (entry.event for entry in own)
    if any(event and event.type == event_type and annotation_key(event.content) == key for event in events):
        raise DuplicateAnnotation


def annotation_key(content: JsonObject) -> JsonValue:
    """Return the key of an annotation, None where it has none."""
    relation = content.get("m.relates_to")
    return relation.get("key") if isinstance(relation, dict) else None
