"""What goes into the store and what comes out of it; times are milliseconds since the epoch."""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec

# `received` waits to be sorted; `sorted` became cards, or nothing that anybody must see; the others nobody is shown.
InboxState = Literal["received", "sorted", "quarantined", "unsupported", "dead"]
# `no_device`: the person has no signed device; goes on when the first one appears.
OutboxState = Literal["waiting", "sent", "no_device", "dead"]
Lane = Literal["critical", "routine"]
Feed = Literal["critical", "reports", "notices"]


class Arrival(msgspec.Struct, frozen=True):
    """A message as it came; `reason` where it is not to be sorted, or was odd."""

    partner: str
    control_id: str
    type: str
    raw: bytes
    received_at: int
    state: InboxState = "received"
    reason: str = ""

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.raw).digest()


class Kept(msgspec.Struct, frozen=True):
    """What became of an arrival: new, or known already; `is_reused` where its control id had other bytes before."""

    is_new: bool
    is_reused: bool


class Unsorted(msgspec.Struct, frozen=True):
    """A message of the inbox that waits to be sorted."""

    inbox_id: int
    partner: str
    raw: bytes
    received_at: int


class Draft(msgspec.Struct, frozen=True):
    """A card to one address, before it is known who that is.

    `key`: cards of one key to one address leave in the order in which they were made, lane by lane.
    """

    target: str
    feed: Feed
    lane: Lane
    kind: str
    case: str
    rev: int
    key: str
    content: bytes


class Sorted(msgspec.Struct, frozen=True):
    """What a message of the inbox became."""

    inbox_id: int
    drafts: tuple[Draft, ...] = ()
    state: InboxState = "sorted"
    reason: str = ""


class Outgoing(msgspec.Struct, frozen=True):
    """A card that is due."""

    outbox_id: int
    inbox_id: int
    transaction_id: str
    target: str
    feed: Feed
    content: bytes
    attempts: int


class DeadLetter(msgspec.Struct, frozen=True):
    """What was given up, and why."""

    table: Literal["inbox", "outbox"]
    row_id: int
    partner: str
    control_id: str
    reason: str


def transaction_id(inbox_id: int, draft: Draft) -> str:
    """Return the name under which a card is sent, however often: the homeserver makes one event of it."""
    parts = [str(inbox_id), draft.target, draft.feed, draft.kind, draft.case, str(draft.rev)]
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:40]
