"""How many unread messages a person has over all rooms: counted once, then by the rooms in which something happened."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence

from myelin.state.user import User

PEOPLE_LIMIT = 20_000

# Returns the notifications of some of a person's rooms.
Count = Callable[[User, Sequence[str]], Awaitable[Mapping[str, int]]]


class Badge:
    """A person's unread messages by room, and the rooms to be counted again."""

    def __init__(self) -> None:
        self.rooms: dict[str, int] = {}
        self.stale: set[str] = set()


class Badges:
    """The counts of those who are rung, least recently used going first."""

    def __init__(self, count: Count) -> None:
        self._count = count
        self._badges: OrderedDict[str, Badge] = OrderedDict()

    def changed(self, user_id: str, room_id: str) -> None:
        """Take note that something happened in a room."""
        badge = self._badges.get(user_id)
        if badge is not None:
            badge.stale.add(room_id)

    def forget(self, user_id: str) -> None:
        """Take note that everything may have changed."""
        self._badges.pop(user_id, None)

    def clear(self) -> None:
        """Forget everybody: this process has not followed for a while."""
        self._badges.clear()

    async def unread(self, user: User) -> int:
        """Return how many messages a person has not read."""
        badge = self._badges.get(user.user_id)
        if badge is None:
            badge = self._badges[user.user_id] = Badge()
            badge.stale.update(user.rooms_with("join"))
        self._badges.move_to_end(user.user_id)
        if len(self._badges) > PEOPLE_LIMIT:
            self._badges.popitem(last=False)
        await self._count_stale(user, badge)
        return sum(badge.rooms.values())

    async def _count_stale(self, user: User, badge: Badge) -> None:
        # Taken out before counting: what happens meanwhile is counted the next time.
        rooms, badge.stale = badge.stale, set()
        joined = [name for name in rooms if name in user.rooms and user.rooms[name].membership == "join"]
        try:
            counts = await self._count(user, joined) if joined else {}
        except BaseException:
            badge.stale |= rooms
            raise
        for name in rooms:
            badge.rooms.pop(name, None)
        badge.rooms.update((name, count) for name, count in counts.items() if count)
