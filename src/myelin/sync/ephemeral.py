"""What passes by in a room: receipts and typing, and which rooms have news of that kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from myelin.entries.items import Receipt
from myelin.ephemera.typing import Typing
from myelin.matrix.json import JsonObject
from myelin.sync.reading import Reading, RoomReading
from myelin.sync.receipts import Receipts, receipt_events, visible_to
from myelin.sync.tails import RoomTail, Tails

RECEIPT = "m.receipt"
TYPING = "m.typing"


class Ephemeral:
    """Reads `ephemeral` of rooms."""

    def __init__(self, tails: Tails, receipts: Receipts, typing: Typing) -> None:
        self._tails = tails
        self._receipts = receipts
        self._typing = typing

    def typing_rooms(self, reading: Reading) -> Iterable[tuple[str, bool]]:
        """Yield the rooms that show who types, and whether that is news."""
        if not reading.filter.room.ephemeral.passes_type(TYPING):
            return
        news = set(self._typing.rooms_after(reading.typing.known))
        for room_id in self._typing.rooms_after(reading.typing.shown):
            yield room_id, room_id in news

    def has_receipts(self, reading: Reading, tail: RoomTail, others: bool) -> bool:
        """Whether a tail holds receipts after the reading's start that the viewer may see."""
        others = others and reading.filter.room.ephemeral.passes_type(RECEIPT)
        if not tail.receipts or tail.receipts[-1].position <= reading.since:
            return False
        return any(visible_to(each, reading.user.user_id, others) for each in tail.receipts_after(reading.since))

    async def read(
        self, reading: Reading, rooms: Sequence[RoomReading], others: Mapping[str, bool]
    ) -> dict[str, list[JsonObject]]:
        """Return the events by room; `others` says where other people's receipts are shown."""
        passes = reading.filter.room.ephemeral
        wanted = [room for room in rooms if passes.passes_room(room.room_id)]
        events: dict[str, list[JsonObject]] = {room.room_id: [] for room in rooms}
        if passes.passes_type(RECEIPT):
            for room_id, receipts in (await self._receipts_of(reading, wanted)).items():
                events[room_id] += receipt_events(receipts, reading.user.user_id, others[room_id])
        typing = {room_id for room_id, _ in self.typing_rooms(reading)}
        for room in wanted:
            if room.room_id in typing:
                events[room.room_id].append(self._typing_event(reading, room.room_id))
        return events

    async def _receipts_of(self, reading: Reading, rooms: Sequence[RoomReading]) -> Mapping[str, Sequence[Receipt]]:
        found: dict[str, Sequence[Receipt]] = {}
        from_database: dict[str, int] = {}
        for room in rooms:
            tail = self._tails.room(room.room_id)
            since = -1 if room.since < 0 else reading.since
            if since < (tail.floor if tail is not None else self._tails.started_at):
                from_database[room.room_id] = since
            elif tail is not None:
                found[room.room_id] = tail.receipts_after(since)
        return found | await self._receipts.read(reading.user.user_id, from_database)

    def _typing_event(self, reading: Reading, room_id: str) -> JsonObject:
        users = [user_id for user_id in self._typing.users(room_id) if user_id not in reading.user.ignored]
        return {"type": TYPING, "content": {"user_ids": users}}  # type: ignore[dict-item]
