"""What somebody sees and has not read of a room, by definition: told event by event over the whole log.

Slow and plain, with nothing of how the server keeps it up; only the rule of history visibility is shared.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from myelin.entries.entry import Entry
from myelin.entries.facts import EventAppended
from myelin.entries.items import Receipt
from myelin.rules.visibility import MembershipInterval, history_visibility_of, visible


def visible_events(of_room: Sequence[Entry], user_id: str) -> Iterator[str]:
    """Yield the events of a room that somebody may see, by the rule of the specification, told over the log."""
    memberships = list(intervals(of_room, user_id))
    before = "shared"
    for entry in of_room:
        event = entry.event
        assert event is not None
        after = history_visibility_of(event.content) if event.type == "m.room.history_visibility" else before
        if visible(entry.position, {before, after}, memberships):  # type: ignore[arg-type]
            yield event.event_id
        before = after


def intervals(of_room: Sequence[Entry], user_id: str) -> Iterator[MembershipInterval]:
    changes = [
        (entry.event.membership, entry.position)
        for entry in of_room
        if entry.event is not None and entry.event.membership is not None and entry.event.state_key == user_id
    ]
    for (membership, position), following in itertools.zip_longest(changes, changes[1:]):
        yield MembershipInterval(membership, position, following[1] if following is not None else None)


def unread(log: Sequence[Entry], of_room: Sequence[Entry], user_id: str) -> tuple[int, int]:
    """Return notifications and highlights by their definition: after join and receipts, of others, not redacted."""
    start = max(each.from_position for each in intervals(of_room, user_id) if each.membership == "join")
    redacted = {name for entry in of_room if isinstance(entry.facts, EventAppended) for name in entry.facts.redacted}
    receipts = [
        item
        for entry in log
        for item in entry.items
        if isinstance(item, Receipt) and item.user_id == user_id and item.room_id == of_room[0].room_id
    ]
    notify = highlight = 0
    for entry in of_room:
        assert isinstance(entry.facts, EventAppended)
        in_thread = (None, entry.facts.thread or "main")
        is_read = any(each.thread in in_thread and each.read_position >= entry.position for each in receipts)
        if entry.position <= start or is_read or entry.sender == user_id or entry.event_id in redacted:
            continue
        is_named = user_id in entry.facts.named
        notify += entry.facts.notice > 0 or is_named
        highlight += entry.facts.notice == 2 or is_named
    return notify, highlight
