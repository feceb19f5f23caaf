"""The latest entries of each room, ready to be sent: what most reads need, without asking the database.

A tail holds everything after its floor. A reader whose position lies below reads the projection instead.
Bounded by bytes over all rooms; the room that was longest without news gives way first.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Collection, Iterator, Sequence
from typing import cast

import msgspec
import orjson

from myelin.entries.entry import Entry
from myelin.entries.facts import EventAppended, ReceiptsRecorded
from myelin.entries.items import Receipt
from myelin.matrix.events import Event
from myelin.state.room_fold import BUNDLED

LIMIT_BYTES = 64 * 1024 * 1024
ROOM_LIMIT_BYTES = 2 * 1024 * 1024
OVERHEAD_BYTES = 600


class TailEvent(msgspec.Struct, frozen=True, gc=False):
    """A timeline event; `shared` is the client event up to the value of `unsigned.age`, None for state events."""

    position: int
    event: Event
    device_id: str | None
    transaction: str | None
    notice: int
    named: tuple[str, ...]
    personal: tuple[tuple[str, int], ...]
    thread: str | None
    shared: bytes


class TailReceipt(msgspec.Struct, frozen=True, gc=False):
    """A receipt and the position of the entry that holds it."""

    position: int
    receipt: Receipt


class RoomTail:
    """Everything of one room after `floor`; `last` is the position of its newest entry.

    `related` are the events that others came for since then, to be bundled with them.
    """

    def __init__(self, floor: int) -> None:
        self.floor = floor
        self.last = floor
        self.events: deque[TailEvent] = deque()
        self.receipts: deque[TailReceipt] = deque()
        self.related: set[str] = set()
        self.size_bytes = 0

    def events_after(self, since: int) -> list[TailEvent]:
        """Return the events after a position at or above the floor, oldest first."""
        found: list[TailEvent] = []
        for event in reversed(self.events):
            if event.position <= since:
                break
            found.append(event)
        found.reverse()
        return found

    def receipts_after(self, since: int) -> list[Receipt]:
        """Return the receipts after a position at or above the floor, newest first."""
        found: list[Receipt] = []
        for item in reversed(self.receipts):
            if item.position <= since:
                break
            found.append(item.receipt)
        return found

    def is_related(self, item: TailEvent) -> bool:
        """Whether an event has others bundled with it, so that its shared bytes do not tell all."""
        return item.event.event_id in self.related

    def empty(self) -> int:
        """Forget everything up to now; return how many bytes that was."""
        freed, self.size_bytes = self.size_bytes, 0
        self.events.clear()
        self.receipts.clear()
        self.related.clear()
        self.floor = self.last
        return freed


class Tails:
    """The tails of all rooms that had news since `started_at`; for other rooms there was none."""

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self.started_at = -1
        self._rooms: OrderedDict[str, RoomTail] = OrderedDict()
        self._limit_bytes = limit_bytes
        self._size_bytes = 0

    @property
    def size_bytes(self) -> int:
        """How much memory the tails take, about."""
        return self._size_bytes

    def room(self, room_id: str) -> RoomTail | None:
        """Return a room's tail, None where it had no news since `started_at`."""
        return self._rooms.get(room_id)

    def news_among(self, rooms: Collection[str], since: int) -> Iterator[tuple[str, RoomTail]]:
        """Yield those of these rooms that had news after a position, which is at or after `started_at`."""
        # Tails stand in the order of their news: who was away for a moment looks at a few, in however many rooms.
        for count, (room_id, tail) in enumerate(reversed(self._rooms.items())):
            if tail.last <= since:
                return
            if count >= len(rooms):
                yield from self._older_news_among(rooms, since, tail.last)
                return
            if room_id in rooms:
                yield room_id, tail

    def _older_news_among(self, rooms: Collection[str], since: int, upto: int) -> Iterator[tuple[str, RoomTail]]:
        tails = ((name, self._rooms.get(name)) for name in rooms)
        yield from ((name, tail) for name, tail in tails if tail is not None and since < tail.last <= upto)

    def add(self, entry: Entry) -> None:
        """Take in one entry, in the order of the log."""
        if isinstance(entry.facts, EventAppended):
            self._add_event(entry, entry.facts)
        elif isinstance(entry.facts, ReceiptsRecorded):
            for receipt in cast("Sequence[Receipt]", entry.items):
                self._add_receipt(entry.position, receipt)

    def _add_event(self, entry: Entry, facts: EventAppended) -> None:
        event = entry.event
        assert event is not None
        tail = self._touch(event.room_id, entry.position)
        if facts.redacts is not None and any(item.event.event_id in facts.redacted for item in tail.events):
            # What a redaction hides is no longer what the tail holds: the projection has the pruned event.
            self._size_bytes -= tail.empty()
            return
        if facts.rel_type in BUNDLED and facts.relates_to is not None:
            tail.related.add(facts.relates_to)
        shared = shared_bytes(event)
        tail.events.append(
            TailEvent(
                entry.position,
                event,
                entry.device_id,
                entry.transaction,
                facts.notice,
                facts.named,
                facts.personal,
                facts.thread,
                shared,
            )
        )
        self._grow(tail, len(shared) * 2 + OVERHEAD_BYTES)

    def _add_receipt(self, position: int, receipt: Receipt) -> None:
        tail = self._touch(receipt.room_id, position)
        tail.receipts.append(TailReceipt(position, receipt))
        self._grow(tail, OVERHEAD_BYTES)

    def _touch(self, room_id: str, position: int) -> RoomTail:
        tail = self._rooms.get(room_id)
        if tail is None:
            tail = self._rooms[room_id] = RoomTail(self.started_at)
        else:
            self._rooms.move_to_end(room_id)
        tail.last = position
        return tail

    def _grow(self, tail: RoomTail, size_bytes: int) -> None:
        tail.size_bytes += size_bytes
        self._size_bytes += size_bytes
        if tail.size_bytes > ROOM_LIMIT_BYTES:
            self._halve(tail)
        if self._size_bytes > self._limit_bytes:
            self._shrink()

    def _halve(self, tail: RoomTail) -> None:
        events = len(tail.events) // 2
        floor = tail.events[events - 1].position if events else tail.last
        while tail.events and tail.events[0].position <= floor:
            tail.events.popleft()
        while tail.receipts and tail.receipts[0].position <= floor:
            tail.receipts.popleft()
        tail.floor = floor
        tail.related &= {item.event.event_id for item in tail.events}
        kept = sum(len(item.shared) * 2 + OVERHEAD_BYTES for item in tail.events) + OVERHEAD_BYTES * len(tail.receipts)
        self._size_bytes -= tail.size_bytes - kept
        tail.size_bytes = kept

    def _shrink(self) -> None:
        # Emptied tails stay, with their floors: a reader below must know that there was something.
        for tail in self._rooms.values():
            if self._size_bytes <= self._limit_bytes * 3 // 4:
                return
            self._size_bytes -= tail.empty()


def shared_bytes(event: Event) -> bytes:
    """Return the client event of a member's timeline, open after `"age":`, for everybody who was joined."""
    fields: dict[str, object] = {
        "content": event.content,
        "event_id": event.event_id,
        "origin_server_ts": event.origin_server_ts,
        "sender": event.sender,
        "type": event.type,
    }
    if event.state_key is not None:
        fields["state_key"] = event.state_key
    if event.redacts is not None:
        fields |= {"redacts": event.redacts, "content": {**event.content, "redacts": event.redacts}}
    return orjson.dumps(fields)[:-1] + b',"unsigned":{"membership":"join","age":'
