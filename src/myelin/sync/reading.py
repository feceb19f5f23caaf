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
    """What a client asks of `/sync`. `state_after` is the name under which it wants the state after the timeline.

    `begins_anew` says that it brought a token which does not hold: it may have a past, so no timeline is complete.
    """

    since: SyncToken | None = None
    timeout_ms: int = 0
    full_state: bool = False
    filter: Filter = NO_FILTER
    state_after: str | None = None
    begins_anew: bool = False


class RoomReading(msgspec.Struct, frozen=True):
    """One room in a reading: its events within (since, upto]; `whole` asks for all of its state.

    Of a room that the viewer `left`, only what happened while they were in it is shown, and how they left. Where they
    were away in between (`was_away`), not all of it may be theirs to see.
    """

    room_id: str
    since: int
    upto: int
    whole: bool
    left: bool = False
    was_away: bool = False


class TypingReading(msgspec.Struct, frozen=True, gc=False):
    """Typing that changed after the count `shown` is shown, after `known` it is news as well."""

    shown: int
    known: int


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """`since` is -1 for an initial sync; `upto` is the head that the answer will stand after."""

    user: User
    viewer: Viewer
    since: int
    upto: int
    request: SyncRequest
    typing: TypingReading
    typing_version: str

    @property
    def initial(self) -> bool:
        return self.since < 0

    @property
    def filter(self) -> Filter:
        return self.request.filter


class Timeline(msgspec.Struct, frozen=True):
    """The events to show, oldest first, rendered; what the other parts of a room need to know of them.

    `first` is the position of the first event, or the one after the last where there is none; `positions` are those
    of the events that are shown. `hides` says that there may be others among them, left out by a filter or because
    the viewer may not see them. `changes_state` and `changes_summary` speak of all events of the reading, shown or
    not, and are true where nobody looked.
    """

    events: Sequence[bytes]
    limited: bool
    first: int
    senders: frozenset[str] = frozenset()
    positions: frozenset[int] = frozenset()
    hides: bool = True
    changes_state: bool = True
    changes_summary: bool = True


Intervals = Mapping[str, Sequence[MembershipInterval]]
