"""Entries to rows and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from myelin.entries.entry import Entry, decode_facts, decode_items
from myelin.entries.facts import AnyFacts, EventAppended
from myelin.matrix.events import Event, parse
from myelin.matrix.room_versions import DEFAULT_ROOM_VERSION, room_version

AppendedRow = tuple[object, ...]


def appended_row(entry: Entry) -> AppendedRow:
    """Return the row of the type `log.appended`: the entry, and what the projection `events` keeps beside it."""
    event, facts = entry.event, entry.facts
    columns = (
        entry.position,
        entry.at,
        entry.kind,
        entry.version,
        entry.room_id,
        entry.sender,
        entry.device_id,
        entry.transaction,
        entry.event_id,
        entry.facts_json,
        entry.commitment,
        entry.body,
        entry.salt,
        entry.leaf,
    )
    if event is None or not isinstance(facts, EventAppended):
        return (*columns, None, None, None, None, None, None, None)
    return (
        *columns,
        event.type,
        event.state_key,
        facts.notice,
        facts.thread,
        facts.rel_type,
        facts.relates_to,
        entry.transaction_key,
    )


def entry_from_row(row: Mapping[str, Any]) -> Entry:
    """Return a stored entry, its event or items parsed."""
    facts, body = decode_facts(row["facts"]), row["body"]
    return Entry(
        position=row["position"],
        at=row["at"],
        version=row["version"],
        room_id=row["room_id"],
        sender=row["sender"],
        device_id=row["device_id"],
        transaction=row["transaction"],
        event_id=row["event_id"],
        facts=facts,
        facts_json=row["facts"],
        commitment=row["commitment"],
        body=body,
        salt=row["salt"],
        leaf=row["leaf"],
        erased_by=row["erased_by"],
        event=event_from_body(body, row["event_id"], row["room_id"], facts),
        items=decode_items(facts, body),
    )


def event_from_body(body: bytes | None, event_id: str | None, room_id: str, facts: AnyFacts) -> Event | None:
    """Return the stored event, None for other kinds. What it redacts is a fact: the body may be pruned itself."""
    if body is None or event_id is None or not isinstance(facts, EventAppended):
        return None
    event = parse(body, event_id, room_id, room_version(DEFAULT_ROOM_VERSION))
    return event if event.redacts == facts.redacts else replace(event, redacts=facts.redacts)
