"""What one person may see of one room: up to where, and which stretches of its history."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from myelin.append.loading import Loading
from myelin.append.memory import Memory
from myelin.matrix.errors import Forbidden, NotFound
from myelin.rules.visibility import MembershipInterval
from myelin.state.room import Room
from myelin.state.user import User
from myelin.sync.bundles import Sight
from myelin.sync.history_facts import HistoryFacts
from myelin.sync.rendering import Viewer
from myelin.sync.visible_ranges import Ranges, contains, visible_ranges


class RoomView(msgspec.Struct, frozen=True):
    """A room as one person sees it: state as at `upto`, events within `ranges`."""

    room: Room
    viewer: Viewer
    memberships: Sequence[MembershipInterval]
    ranges: Ranges
    upto: int
    ignored: frozenset[str] = frozenset()

    @property
    def is_joined(self) -> bool:
        return self.room.membership(self.viewer.user_id) == "join"

    @property
    def sight(self) -> Sight:
        """What of the events that relate to others the person sees."""
        ranges = [(self.room.room_id, first, last) for first, last in self.ranges]
        return Sight(self.viewer.user_id, self.ignored, ranges)

    def shows(self, position: int) -> bool:
        """Whether the person may see the event at a position."""
        return contains(self.ranges, position)

    def seen_from(self, position: int) -> int:
        """Return the first position at or after this one that the person may see, `upto` where there is none."""
        return next((max(first, position) for first, last in self.ranges if last >= position), self.upto)


class RoomViews:
    """Decides who may look into a room, and how far."""

    def __init__(self, memory: Memory, loading: Loading, facts: HistoryFacts) -> None:
        self._memory = memory
        self._loading = loading
        self._facts = facts

    async def of(self, viewer: Viewer, room_id: str) -> RoomView:
        """Return what the person sees; `Forbidden` where they see nothing, or there is no such room."""
        view = await self.find(viewer, room_id)
        if view is None:
            raise Forbidden("you are not in this room")
        return view

    async def of_event(self, viewer: Viewer, room_id: str) -> RoomView:
        """Return what the person sees; `NotFound` where that is nothing: an event may not even be known to exist."""
        view = await self.find(viewer, room_id)
        if view is None:
            raise NotFound("there is no such event, or you may not see it")
        return view

    async def find(self, viewer: Viewer, room_id: str) -> RoomView | None:
        """Return what the person sees, None where that is nothing."""
        room, user = await self._loading.room(room_id), await self._loading.user(viewer.user_id)
        if room is None or user is None or has_forgotten(user, room_id):
            return None
        head = self._memory.head
        memberships = (await self._facts.memberships(user.user_id, [room_id])).get(room_id, ())
        upto = last_visible(room, user, memberships, head)
        if upto is None:
            return None
        changes = (await self._facts.visibilities([room_id])).get(room_id, ())
        return RoomView(room, viewer, memberships, visible_ranges(changes, memberships, upto), upto, user.ignored)


def has_forgotten(user: User, room_id: str) -> bool:
    room = user.rooms.get(room_id)
    return room is not None and room.forgotten


def last_visible(room: Room, user: User, memberships: Sequence[MembershipInterval], head: int) -> int | None:
    """Return up to where a person sees: the head in a room of theirs, the end of their last stay in another."""
    if room.membership(user.user_id) == "join" or room.history_visibility == "world_readable":
        return head
    stays = [each.to_position for each in memberships if each.membership == "join" and each.to_position is not None]
    return max(stays, default=None)
