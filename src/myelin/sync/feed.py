"""What happens with every new entry: the tails take it in, and those whom it concerns wake up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import cast

from myelin.append.memory import Memory
from myelin.entries import facts as kinds
from myelin.entries.entry import Entry
from myelin.entries.items import Receipt
from myelin.state.room import Room
from myelin.state.user_fold import touched_users
from myelin.sync.tails import Tails
from myelin.sync.waiters import Waiters

# Above this, other people's receipts are recorded but wake only their own reader.
RECEIPTS_MEMBERS_LIMIT = 500
# A new name or picture wakes the others of its rooms so much later: a person has fifty rooms, a renamed department
# three hundred people, and every one of these fifteen thousand events would wake three hundred.
RENAMED_AFTER_S = 1.0
ADDRESSED_KINDS = (kinds.ToDeviceSent, kinds.OneTimeKeysClaimed)
DEVICE_LIST_KINDS = (
    kinds.DeviceKeysSet,
    kinds.CrossSigningSet,
    kinds.SignaturesAdded,
    kinds.DeviceRemoved,
    kinds.AccountDeactivated,
)
# What their sender's own devices see in /sync, or end by; whatever else a person does by no room event is seen by none.
OWN_KINDS = (kinds.AccountDataSet, kinds.OneTimeKeysAdded, *DEVICE_LIST_KINDS)


class Feed:
    """Told of every entry in the order of the log, after memory has folded it.

    `sharing` wakes whoever shares a room with a person whose devices changed; `room_unknown` loads a room that
    only another process has written to so far, and wakes its members.
    """

    def __init__(
        self,
        memory: Memory,
        tails: Tails,
        waiters: Waiters,
        sharing: Callable[[Iterable[str]], None],
        room_unknown: Callable[[str], None],
    ) -> None:
        self._memory = memory
        self._tails = tails
        self._waiters = waiters
        self._sharing = sharing
        self._room_unknown = room_unknown
        self._renamed = set[str]()

    def published(self, entries: Sequence[Entry]) -> None:
        """Take in entries and wake those whom they concern."""
        for entry in entries:
            self._tails.add(entry)
        # Whoever wrote hears of it before their /sync shows it: some clients take it for somebody else's otherwise.
        asyncio.get_running_loop().call_soon(self._wake, entries)

    def _wake(self, entries: Sequence[Entry]) -> None:
        renamed = set[str]()
        self._waiters.wake(self._concerned(entries, renamed))
        if renamed:
            self._wake_later(renamed)
        for entry in entries:
            if isinstance(entry.facts, DEVICE_LIST_KINDS):
                # A signature on somebody else's key is seen by its signer alone, who is woken anyway.
                self._sharing(owner for owner in device_owners(entry) if owner == entry.sender)

    def _wake_later(self, room_ids: set[str]) -> None:
        # Whoever asks meanwhile is told.
        self._waiters.count(self._joined(room_ids))
        if not self._renamed:
            asyncio.get_running_loop().call_later(RENAMED_AFTER_S, self._wake_renamed)
        self._renamed |= room_ids

    def _wake_renamed(self) -> None:
        room_ids, self._renamed = self._renamed, set()
        self._waiters.wake(self._joined(room_ids))

    def _concerned(self, entries: Sequence[Entry], renamed: set[str]) -> set[str]:
        # A room is gone through once: a hundred entries of a batch, in a room of a thousand, wake a thousand.
        people, rooms = set[str](), set[str]()
        for entry in entries:
            facts = entry.facts
            if isinstance(facts, kinds.EventAppended):
                self._take_event(entry, people, rooms, renamed)
            elif isinstance(facts, kinds.ReceiptsRecorded):
                self._take_receipts(cast("Sequence[Receipt]", entry.items), people, rooms)
            elif isinstance(facts, ADDRESSED_KINDS):
                people.update(touched_users(entry))
            elif isinstance(facts, OWN_KINDS) and entry.sender is not None:
                people.add(entry.sender)
        renamed -= rooms
        return people | self._joined(rooms)

    def _joined(self, room_ids: Iterable[str]) -> set[str]:
        rooms = map(self._memory.loaded_room, room_ids)
        return {user_id for room in rooms if room is not None for user_id in room.joined()}

    def _take_event(self, entry: Entry, people: set[str], rooms: set[str], renamed: set[str]) -> None:
        event = entry.event
        assert event is not None
        room = self._memory.loaded_room(event.room_id)
        if room is None:
            self._room_unknown(event.room_id)
        elif event.membership is None or room.shares_devices:
            (renamed if is_renaming(entry, room) else rooms).add(event.room_id)
        else:
            # The room of everybody: who comes and goes there is told with the next message, or twenty thousand who
            # join would wake twenty thousand each. Nobody needs their keys.
            people.add(event.sender)
        if event.membership is not None and event.state_key is not None:
            people.update((event.sender, event.state_key))

    def _take_receipts(self, receipts: Sequence[Receipt], people: set[str], rooms: set[str]) -> None:
        for receipt in receipts:
            people.add(receipt.user_id)
            room = self._memory.loaded_room(receipt.room_id)
            if room is None:
                self._room_unknown(receipt.room_id)
            elif not receipt.private and shows_receipts(room.kind, len(room.members)):
                rooms.add(receipt.room_id)


def is_renaming(entry: Entry, room: Room) -> bool:
    """Whether an event changes how a member looks and nothing else: they are there since an earlier one."""
    event = entry.event
    if event is None or event.membership != "join" or event.state_key is None:
        return False
    member = room.members.get(event.state_key)
    return member is not None and member.membership == "join" and member.since < entry.position


def shows_receipts(kind: str | None, member_count: int) -> bool:
    """Whether other people's receipts go down `/sync` in a room of this kind and size."""
    return kind != "broadcast" and member_count <= RECEIPTS_MEMBERS_LIMIT


def device_owners(entry: Entry) -> Iterable[str]:
    """Return whose devices an entry changes."""
    if isinstance(entry.facts, kinds.SignaturesAdded):
        return entry.facts.targets
    return (entry.sender,) if entry.sender is not None else ()
