"""Whether a stored row is what was sealed: its envelope, its body, and what became of a body that is gone. Pure.

A row is judged as it lies in the table, before anything of it is parsed, so that damage is named whatever it hit.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from myelin.entries.entry import Envelope, commit_body, decode_facts, envelope_leaf
from myelin.entries.facts import Erased, EventAppended
from myelin.entries.items import Item, decode_deliveries, decode_receipts, items_commitment

Row = Mapping[str, Any]

ITEM_DECODERS: Mapping[str, Callable[[bytes], Sequence[Item]]] = {
    "receipts": decode_receipts,
    "deliveries": decode_deliveries,
}


def seal_faults(row: Row) -> Iterator[str]:
    """Yield what is wrong with the leaf and the commitment of a row."""
    if envelope_leaf(envelope_of(row)) != row["leaf"]:
        yield "the leaf is not the hash of the envelope"
    if row["salt"] is not None:
        yield from whole_body_faults(row)
    elif row["erased_by"] is None:
        yield "the salt is gone and no entry erased it"
    if row["withheld_salt"] is not None and not is_committed(row, row["withheld_salt"], row["withheld_body"]):
        yield "the withheld original differs from its commitment"


def whole_body_faults(row: Row) -> Iterator[str]:
    """Yield what is wrong where nothing claims to have been erased."""
    if row["erased_by"] is not None:
        yield "an entry erased it and its salt is still there"
    if not is_committed(row, row["salt"], row["body"]):
        yield "the body differs from its commitment"


def erasure_faults(row: Row, eraser: Row | None) -> Iterator[str]:
    """Yield what is wrong with a claim that `eraser` redacted or erased the row's body."""
    facts = readable_facts(eraser)
    if eraser is None or eraser["position"] <= row["position"]:
        yield "no later entry erased its body"
    elif isinstance(facts, Erased) and row["position"] in facts.positions:
        if row["withheld_salt"] is not None:
            yield "its body was erased and the original is still withheld"
    elif isinstance(facts, EventAppended) and row["event_id"] in facts.redacted:
        if eraser["room_id"] != row["room_id"]:
            yield "an event of another room redacted it"
        if row["withheld_salt"] is None:
            yield "it was redacted and the original is not withheld"
    else:
        yield "the entry that is named did not erase its body"
    if row["event_id"] is None and row["body"] is not None:
        yield "its body was erased and is still there"


def readable_facts(row: Row | None) -> object:
    """Return the facts of a row, None where they cannot be read."""
    try:
        return decode_facts(row["facts"]) if row is not None else None
    except msgspec.MsgspecError:
        return None


def envelope_of(row: Row) -> Envelope:
    """Return what the leaf covers, as the columns have it."""
    return Envelope(
        position=row["position"],
        at=row["at"],
        kind=row["kind"],
        version=row["version"],
        room_id=row["room_id"],
        sender=row["sender"],
        device_id=row["device_id"],
        transaction=row["transaction"],
        event_id=row["event_id"],
        facts=msgspec.Raw(row["facts"]),
        commitment=base64.b64encode(row["commitment"]).decode(),
    )


def is_committed(row: Row, salt: bytes, body: bytes | None) -> bool:
    """Whether the row's commitment is to this body under this salt."""
    if body is None:
        return False
    decode = ITEM_DECODERS.get(row["kind"])
    if decode is None:
        return bool(commit_body(salt, body) == row["commitment"])
    try:
        return bool(items_commitment(salt, decode(body)) == row["commitment"])
    except msgspec.MsgspecError:
        return False
