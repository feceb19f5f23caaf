"""The items of batch entries: receipts and deliveries.

An item is proved alone: its leaf in the inner tree hides it behind a key derived from the
entry's salt, so that one person's receipt can be shown and nobody else's guessed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

import msgspec

from myelin.merkle.tree import leaf_hash, root


class Receipt(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One read receipt: `user_id` has read `room_id` up to `event_id`, which stands at `read_position`.

    `thread` is None for an unthreaded receipt, "main" or the root's event id otherwise; `at` is in ms.
    """

    user_id: str
    device_id: str
    room_id: str
    event_id: str
    read_position: int
    at: int
    thread: str | None = None
    private: bool = False


class Delivery(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A device has received a room's events in `(from_position, to_position]`; `at` is in ms.

    Devices and rooms are named by the positions of the entries that made them.
    """

    device_number: int
    room_number: int
    from_position: int
    to_position: int
    at: int


Item = Receipt | Delivery

_encode = msgspec.json.Encoder(order="sorted").encode
_decode_receipts = msgspec.json.Decoder(tuple[Receipt, ...]).decode
_decode_deliveries = msgspec.json.Decoder(tuple[Delivery, ...]).decode


def encode_items(items: Sequence[Item]) -> bytes:
    """Return the canonical body of a batch entry."""
    return _encode(items)


def decode_receipts(body: bytes) -> tuple[Receipt, ...]:
    """Return the items of a `receipts` entry."""
    return _decode_receipts(body)


def decode_deliveries(body: bytes) -> tuple[Delivery, ...]:
    """Return the items of a `deliveries` entry."""
    return _decode_deliveries(body)


def item_leaf(salt: bytes, index: int, item: bytes) -> bytes:
    """Return leaf `index` of the inner tree: `H(0x00 ‖ HMAC(HMAC(salt, index), item))`."""
    key = hmac.digest(salt, index.to_bytes(8, "big"), hashlib.sha256)
    return leaf_hash(hmac.digest(key, item, hashlib.sha256))


def items_commitment(salt: bytes, items: Sequence[Item]) -> bytes:
    """Return the root of the inner tree over the items in their order."""
    return root([item_leaf(salt, index, _encode(item)) for index, item in enumerate(items)])
