"""One entry of the log: what is stored at a position, how it is sealed, how it is checked.

The envelope is every column but body, salt, leaf and erased_by. The leaf is the hash of the
canonical envelope, and the envelope holds the commitment to the body: so a body can be erased
and the leaf still proves that it was there.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

import msgspec

from myelin.entries.facts import AnyFacts, DeliveriesRecorded, ReceiptsRecorded
from myelin.entries.items import Delivery, Receipt, decode_deliveries, decode_receipts, encode_items, items_commitment
from myelin.matrix.events import Event

ENVELOPE_VERSION = 1


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """What a leaf covers; field names are the columns'."""

    at: int
    commitment: str
    device_id: str | None
    event_id: str | None
    facts: msgspec.Raw
    kind: str
    position: int
    room_id: str | None
    sender: str | None
    transaction: str | None
    version: int


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An entry before it has a place: what an action wants to be recorded.

    `event` is the parsed room event whose exact bytes are `body`.
    """

    facts: AnyFacts
    body: bytes = b"null"
    room_id: str | None = None
    sender: str | None = None
    device_id: str | None = None
    transaction: str | None = None
    event: Event | None = None
    items: tuple[Receipt, ...] | tuple[Delivery, ...] = ()


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry at one position. `body` and `salt` are None once erased; `event` is the body, parsed."""

    position: int
    at: int
    version: int
    room_id: str | None
    sender: str | None
    device_id: str | None
    transaction: str | None
    event_id: str | None
    facts: AnyFacts
    facts_json: bytes
    commitment: bytes
    body: bytes | None
    salt: bytes | None
    leaf: bytes
    erased_by: int | None = None
    event: Event | None = None
    items: tuple[Receipt, ...] | tuple[Delivery, ...] = ()

    @property
    def kind(self) -> str:
        return kind_of(self.facts)

    @property
    def transaction_key(self) -> bytes | None:
        """The idempotency key, None where the request had none."""
        if self.transaction is None:
            return None
        return transaction_key(self.sender or "", self.device_id or "", self.room_id or "", self.transaction)


def transaction_key(user_id: str, device_id: str, room_id: str, transaction: str) -> bytes:
    """Return the 16 bytes under which a request with a transaction id is accepted once.

    `transaction` is the endpoint with its path parameters, without the query and without the room.
    """
    return hashlib.sha256("\n".join((user_id, device_id, room_id, transaction)).encode()).digest()[:16]


_encode_sorted = msgspec.json.Encoder(order="sorted").encode
_decode_facts = msgspec.json.Decoder(AnyFacts).decode


def kind_of(facts: AnyFacts) -> str:
    """Return the entry kind that these facts belong to."""
    return str(facts.__struct_config__.tag)


def encode_facts(facts: AnyFacts) -> bytes:
    """Return the canonical JSON of the facts, their kind among them."""
    return _encode_sorted(facts)


def decode_facts(facts_json: bytes) -> AnyFacts:
    """Return the facts of a stored entry."""
    facts: AnyFacts = _decode_facts(facts_json)
    return facts


def commit_body(salt: bytes, body: bytes) -> bytes:
    """Return `HMAC-SHA256(salt, body)`, which stays when both are gone."""
    return hmac.digest(salt, body, hashlib.sha256)


def envelope_leaf(envelope: Envelope) -> bytes:
    """Return `H(0x00 ‖ canonical JSON of the envelope)`: the entry's leaf in the ledger's tree."""
    return hashlib.sha256(b"\x00" + _encode_sorted(envelope)).digest()


def seal(draft: Draft, position: int, at: int, salt: bytes) -> Entry:
    """Give a draft its place: compute the commitment and the leaf. `at` is in ms, `salt` 32 random bytes."""
    items = draft.items
    body = encode_items(items) if items else draft.body
    commitment = items_commitment(salt, items) if items else commit_body(salt, body)
    facts_json = encode_facts(draft.facts)
    event_id = draft.event.event_id if draft.event is not None else None
    envelope = Envelope(
        position=position,
        at=at,
        kind=kind_of(draft.facts),
        version=ENVELOPE_VERSION,
        room_id=draft.room_id,
        sender=draft.sender,
        device_id=draft.device_id,
        transaction=draft.transaction,
        event_id=event_id,
        facts=msgspec.Raw(facts_json),
        commitment=base64.b64encode(commitment).decode(),
    )
    return Entry(
        position=position,
        at=at,
        version=ENVELOPE_VERSION,
        room_id=draft.room_id,
        sender=draft.sender,
        device_id=draft.device_id,
        transaction=draft.transaction,
        event_id=event_id,
        facts=draft.facts,
        facts_json=facts_json,
        commitment=commitment,
        body=body,
        salt=salt,
        leaf=envelope_leaf(envelope),
        event=draft.event,
        items=items,
    )


def decode_items(facts: AnyFacts, body: bytes | None) -> tuple[Receipt, ...] | tuple[Delivery, ...]:
    """Return the items of a batch entry, nothing for other kinds or an erased body."""
    if body is None:
        return ()
    if isinstance(facts, ReceiptsRecorded):
        return decode_receipts(body)
    if isinstance(facts, DeliveriesRecorded):
        return decode_deliveries(body)
    return ()
