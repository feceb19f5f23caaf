"""One reading of the log for one viewer: from where, up to where, what passes. The sections share it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from myelin.rules.visibility import MembershipInterval
from myelin.state.user import User
from myelin.sync.filters import NO_FILTER, Filter
from myelin.sync.rendering import Viewer
from myelin.sync.token import SyncToken


class SyncRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a client asks of `/sync`. `state_after` is the name under which it wants the state after the timeline."""

    since: SyncToken | None = None
    timeout_ms: int = 0
    full_state: bool = False
    filter: Filter = NO_FILTER
    state_after: str | None = None


class RoomReading(msgspec.Struct, frozen=True):
    """One room in a reading: its events within (since, upto]; `whole` asks for all of its state."""

    room_id: str
    since: int
    upto: int
    whole: bool


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """`since` is -1 for an initial sync; `upto` is the head that the answer will stand after."""

    user: User
    viewer: Viewer
    since: int
    upto: int
    request: SyncRequest

    @property
    def initial(self) -> bool:
        return self.since < 0

    @property
    def filter(self) -> Filter:
        return self.request.filter


class Timeline(msgspec.Struct, frozen=True):
    """The events to show, oldest first, rendered; what the state and the counts need to know of them."""

    events: Sequence[bytes]
    limited: bool
    first: int
    """The position of the first event, or that after which nothing came."""
    senders: frozenset[str] = frozenset()


Intervals = Mapping[str, Sequence[MembershipInterval]]
