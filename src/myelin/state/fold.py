"""`fold(state, entry)`: the one place where the log becomes state.

The same fold decides in memory, writes the projections in the entry's own transaction, follows
other processes, and rebuilds everything from the log. It needs the room of a room event; anybody
else is folded only where loaded, since loading counts the log up to `as_of` anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, cast

from myelin.entries.entry import Entry
from myelin.entries.facts import EventAppended, ReceiptsRecorded
from myelin.entries.items import Receipt
from myelin.state.deltas import Delta
from myelin.state.entry_deltas import entry_deltas
from myelin.state.room import Room
from myelin.state.room_fold import fold_event, fold_receipts
from myelin.state.user import User
from myelin.state.user_fold import fold_user, touched_users


class Loaded(Protocol):
    """The rooms and people in memory. `None` says: not loaded, or not there."""

    def loaded_room(self, room_id: str) -> Room | None: ...
    def loaded_user(self, user_id: str) -> User | None: ...
    def put_room(self, room: Room) -> None: ...
    def put_user(self, user: User) -> None: ...


def fold(state: Loaded, entry: Entry) -> Sequence[Delta]:
    """Change what is loaded by one entry, and return the rows that the projections change."""
    deltas = fold_rooms(state, entry)
    for user_id in touched_users(entry):
        user = state.loaded_user(user_id)
        if user is not None and user.as_of < entry.position:
            state.put_user(fold_user(user, entry))
    return deltas


def fold_rooms(state: Loaded, entry: Entry) -> Sequence[Delta]:
    if isinstance(entry.facts, EventAppended):
        return fold_room_event(state, entry)
    if isinstance(entry.facts, ReceiptsRecorded):
        fold_room_receipts(state, cast("tuple[Receipt, ...]", entry.items), entry.position)
    return tuple(entry_deltas(entry))


def fold_room_event(state: Loaded, entry: Entry) -> Sequence[Delta]:
    event = entry.event
    assert event is not None
    room = state.loaded_room(event.room_id)
    if room is None and event.type != "m.room.create":
        return ()
    if room is not None and room.as_of >= entry.position:
        return ()
    changed, deltas = fold_event(room, entry)
    state.put_room(changed)
    return deltas


def fold_room_receipts(state: Loaded, receipts: Iterable[Receipt], position: int) -> None:
    by_room: dict[str, list[Receipt]] = {}
    for receipt in receipts:
        by_room.setdefault(receipt.room_id, []).append(receipt)
    for room_id, of_room in by_room.items():
        room = state.loaded_room(room_id)
        if room is not None and room.as_of < position:
            state.put_room(fold_receipts(room, of_room))


def touched_rooms(entry: Entry) -> Iterable[str]:
    """Return the rooms that this entry changes: the event's, or those of a batch of receipts."""
    if isinstance(entry.facts, EventAppended):
        return (entry.room_id,) if entry.room_id is not None else ()
    if isinstance(entry.facts, ReceiptsRecorded):
        return {receipt.room_id for receipt in cast("tuple[Receipt, ...]", entry.items)}
    return ()


def room_after(room: Room, entries: Iterable[Entry]) -> Room:
    """Return one loaded room after entries that came while it was loaded."""
    for entry in entries:
        if room.room_id not in touched_rooms(entry):
            continue
        if isinstance(entry.facts, EventAppended):
            room = fold_event(room, entry)[0]
        else:
            receipts = cast("tuple[Receipt, ...]", entry.items)
            room = fold_receipts(room, [receipt for receipt in receipts if receipt.room_id == room.room_id])
    return room


def user_after(user: User, entries: Iterable[Entry]) -> User:
    """Return one loaded person after entries that came while they were loaded."""
    for entry in entries:
        if user.user_id in touched_users(entry):
            user = fold_user(user, entry)
    return user
