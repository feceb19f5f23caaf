"""`/sync`, built from its sections."""

from __future__ import annotations

from collections.abc import Sequence

from myelin.sync.account_data import AccountData, RoomAccountData
from myelin.sync.ephemeral import Ephemeral
from myelin.sync.joined_rooms import JoinedRooms
from myelin.sync.lazy_members import LazyMembers
from myelin.sync.left_rooms import LeftRooms
from myelin.sync.one_time_keys import OneTimeKeyCounts
from myelin.sync.quick_rooms import QuickRooms
from myelin.sync.receipts import Receipts
from myelin.sync.rooms import Rooms
from myelin.sync.section import Section
from myelin.sync.state import States
from myelin.sync.stripped_rooms import StrippedRooms
from myelin.sync.summaries import Summaries
from myelin.sync.sync import Sync
from myelin.sync.unread import Unread
from myelin.wiring.clock import clock_ms
from myelin.wiring.foundation import Foundation


def sync_of(built: Foundation) -> Sync:
    """Build `/sync` from its sections; the order is that of the answer."""
    parts = built.encryption
    # Messages to the device first: where more wait than fit, the rest waits with them.
    sections: Sequence[Section] = [
        OneTimeKeyCounts(parts.keys),
        parts.to_device,
        rooms_section(built),
        AccountData(built.reads),
        parts.device_lists,
    ]
    catch_up = built.pool.catch_up
    return Sync(built.memory, built.loading, built.waiters, built.seal, built.log, catch_up, built.typing, sections)


def rooms_section(built: Foundation) -> Rooms:
    """Build the section `rooms` of `/sync`."""
    reads, queries, memory, tails = built.reads, built.queries, built.memory, built.tails
    lazy, unread = LazyMembers(), Unread(reads)
    states = States(reads, queries, built.renderer, built.history, lazy)
    account_data = RoomAccountData(reads)
    joined = JoinedRooms(
        reads,
        queries,
        memory,
        built.loading,
        tails,
        built.history,
        built.timelines,
        states,
        Ephemeral(tails, Receipts(reads, queries), built.typing),
        account_data,
        Summaries(reads),
        unread,
        QuickRooms(memory, tails, built.typing, lazy, unread, clock_ms),
        clock_ms,
    )
    return Rooms(joined, StrippedRooms(reads), LeftRooms(built.timelines, states, built.history, account_data))
