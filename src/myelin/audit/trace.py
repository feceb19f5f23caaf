"""The trace of a message: who was to have it, which of their devices had it and when, and who read it.

Reads what the log's deliveries and receipts were folded to. Whether the asker may know of the event at all is decided
by whoever asks here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import asyncpg
import msgspec

from myelin.schema.queries import load_queries

STATES: Mapping[str, str] = {"join": "joined", "invite": "invited"}


class Moment(msgspec.Struct, frozen=True, gc=False):
    """When something happened, in ms since the epoch by the server's clock."""

    at: int


class Delivered(msgspec.Struct, frozen=True, gc=False):
    """When a device had the event, in ms since the epoch."""

    device_id: str
    at: int


class Recipient(msgspec.Struct, frozen=True):
    """Somebody who was in the room, or invited, at the event. `no_device`: nothing of theirs could be reached then."""

    user_id: str
    state: str
    no_device: bool
    delivered: Sequence[Delivered]
    read: Moment | None


class TracedEvent(msgspec.Struct, frozen=True, gc=False):
    """The event that is traced; `room_number` is the position of its room's create entry."""

    room_id: str
    room_number: int
    position: int
    sender: str


class Traces:
    """Reads traces."""

    def __init__(self, reads: asyncpg.Pool) -> None:
        self._reads = reads
        self._queries = load_queries("myelin.audit", "trace.sql")

    async def of(self, event: TracedEvent, asker: str) -> list[Recipient]:
        """Return the event's recipients by user id. Private receipts are shown to their owner only."""
        number, position = event.room_number, event.position
        people = await self._reads.fetch(
            self._queries["trace_recipients"], event.room_id, number, position, event.sender, asker
        )
        user_ids = [row["user_id"] for row in people]
        delivered: dict[str, list[Delivered]] = {user_id: [] for user_id in user_ids}
        for row in await self._reads.fetch(self._queries["trace_deliveries"], user_ids, number, position, asker):
            delivered[row["user_id"]].append(Delivered(row["device_id"], row["at"]))
        return [recipient(row, delivered[row["user_id"]]) for row in people]


def recipient(row: asyncpg.Record, delivered: Sequence[Delivered]) -> Recipient:
    """Return one recipient of a trace."""
    return Recipient(
        user_id=row["user_id"],
        state=STATES[row["membership"]],
        no_device=row["no_device"],
        delivered=delivered,
        read=Moment(row["read_at"]) if row["read_at"] is not None else None,
    )
