"""What a locked device may know: how much critical is unread. Rooms, people and messages to devices stay unread.

`position` is where the newest event or receipt of the person's critical feeds stands, so an answer that was lost is
given again, and whoever names another position is answered at once.
"""

from __future__ import annotations

import time

import msgspec

from myelin.append.loading import Loading
from myelin.matrix.errors import UnknownToken
from myelin.state.room import Room
from myelin.sync.unread import AudibleCounts
from myelin.sync.waiters import Waiters, wait

TIMEOUT_LIMIT_MS = 180_000


class Alert(msgspec.Struct, frozen=True):
    """How many critical messages are unread, as of a position."""

    position: int
    critical: int


class Alerts:
    """Answers at once where something has changed, else when it does or when time is up."""

    def __init__(self, loading: Loading, waiters: Waiters, counts: AudibleCounts) -> None:
        self._loading = loading
        self._waiters = waiters
        self._counts = counts

    async def answer(self, user_id: str, device_id: str, after: int | None, timeout_ms: int) -> Alert:
        """Return how much is unread; `UnknownToken` where the session has ended meanwhile."""
        deadline = time.monotonic() + min(timeout_ms, TIMEOUT_LIMIT_MS) / 1000
        while True:
            # Registered before reading: what is appended in between wakes this waiter.
            waiter = self._waiters.register(user_id)
            try:
                alert = await self._read(user_id, device_id)
                remaining_s = 0.0 if self._waiters.are_dismissed else deadline - time.monotonic()
                if alert.position != after or remaining_s <= 0:
                    return alert
                await wait(waiter, remaining_s)
            finally:
                self._waiters.leave(user_id, waiter)

    async def _read(self, user_id: str, device_id: str) -> Alert:
        user = await self._loading.user(user_id)
        if user is None or device_id not in user.devices:
            raise UnknownToken("this session has ended; sign in again")
        rooms = [await self._loading.room(room_id) for room_id in user.rooms_with("join")]
        critical = [room for room in rooms if room is not None and room.feed == "critical"]
        counts = await self._counts.of(user, [room.room_id for room in critical])
        return Alert(max((moved_at(room, user_id) for room in critical), default=0), sum(counts.values()))


def moved_at(room: Room, user_id: str) -> int:
    """Return the later of the room's last event and of what the person has read there."""
    points = room.read_points(user_id)
    return max(room.position, points.unthreaded, *points.threads.values())
