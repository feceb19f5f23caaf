"""What is bundled with an event, by definition: told over the whole log, with nothing of how the server keeps it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from myelin.entries.entry import Entry
from myelin.entries.facts import EventAppended
from tests.property.log_oracle import visible_events

Bundle = dict[str, Any]


def bundle(of_room: Sequence[Entry], event_id: str, viewer: str, ignored: Collection[str]) -> Bundle:
    """What somebody sees bundled: the edit's id, (latest, its edit, count, took part), references."""
    by_id = {entry.event_id: entry for entry in of_room}
    visible = set(visible_events(of_room, viewer))
    shown = [entry for entry in present(of_room) if entry.event_id in visible and entry.sender not in ignored]
    children = [entry for entry in shown if relation(entry)[1] == event_id]
    found: Bundle = {}
    edit = latest_edit(children, by_id[event_id], redacted(of_room))
    if edit is not None:
        found["m.replace"] = edit
    replies = [entry for entry in children if relation(entry)[0] == "m.thread"]
    if replies:
        latest = replies[-1]
        of_latest = [each for each in shown if relation(each)[1] == latest.event_id]
        took_part = viewer in {by_id[event_id].sender, *(reply.sender for reply in replies)}
        edited = latest_edit(of_latest, latest, redacted(of_room))
        found["m.thread"] = (latest.event_id, edited, len(replies), took_part)
    references = [entry.event_id for entry in children if relation(entry)[0] == "m.reference"]
    if references:
        found["m.reference"] = references
    return found


def threads(of_room: Sequence[Entry], viewer: str, ignored: Collection[str]) -> set[str]:
    """The roots of the threads that somebody sees."""
    return {
        event_id
        for event_id in visible_events(of_room, viewer)
        if "m.thread" in bundle(of_room, event_id, viewer, ignored)
    }


def latest_edit(children: Sequence[Entry], original: Entry, gone: Collection[str]) -> str | None:
    """The newest edit by the author, of the same type, with new content, of what is no edit and was not recalled."""
    assert original.event is not None
    if original.event_id in gone or relation(original)[0] == "m.replace":
        return None
    edits = [
        entry
        for entry in children
        if relation(entry)[0] == "m.replace"
        and entry.sender == original.sender
        and entry.event is not None
        and entry.event.type == original.event.type
        and "m.new_content" in entry.event.content
    ]
    return max(edits, key=lambda entry: (entry.at, entry.event_id or "")).event_id if edits else None


def present(of_room: Sequence[Entry]) -> list[Entry]:
    gone = redacted(of_room)
    return [entry for entry in of_room if entry.event_id not in gone]


def redacted(of_room: Sequence[Entry]) -> set[str]:
    """What redactions name, and the author's edits of it that were there."""
    gone: set[str] = set()
    for entry in of_room:
        event = entry.event
        if event is None or event.redacts is None:
            continue
        gone.add(event.redacts)
        original = next(each for each in of_room if each.event_id == event.redacts)
        before = [each for each in of_room if each.position < entry.position and each.sender == original.sender]
        gone |= {str(each.event_id) for each in before if relation(each) == ("m.replace", event.redacts)}
    return gone


def relation(entry: Entry) -> tuple[str | None, str | None]:
    facts = entry.facts
    return (facts.rel_type, facts.relates_to) if isinstance(facts, EventAppended) else (None, None)
