"""Who waits for something to happen, by user. A wake-up carries nothing, so a missed or doubled one does no harm."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable


class Waiters:
    """The waiting requests of this process."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Future[None]]] = {}
        # The server stops: whoever is woken answers what there is, and nobody waits again.
        self.are_dismissed = False
        self._wake_counts: dict[str, int] = {}

    def register(self, user_id: str) -> asyncio.Future[None]:
        """Return a future that the next wake-up of this person resolves. Register before reading, or miss one."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(user_id, set()).add(waiter)
        return waiter

    def leave(self, user_id: str, waiter: asyncio.Future[None]) -> None:
        """Forget a waiter, woken or not."""
        waiting = self._waiting.get(user_id)
        if waiting is not None:
            waiting.discard(waiter)
            if not waiting:
                del self._waiting[user_id]

    def wake(self, user_ids: Iterable[str]) -> None:
        """Wake everybody among these who waits."""
        waiting, counts = self._waiting, self._wake_counts
        for user_id in user_ids:
            counts[user_id] = counts.get(user_id, 0) + 1
            for waiter in waiting.get(user_id, ()):
                resolve(waiter)

    def count(self, user_ids: Iterable[str]) -> None:
        """Have it known that there is something new for these people; whoever waits goes on waiting."""
        for user_id in user_ids:
            self._wake_counts[user_id] = self._wake_counts.get(user_id, 0) + 1

    def wake_count(self, user_id: str) -> int:
        """Return how often this person was woken: while it stays the same, there is nothing new for them."""
        return self._wake_counts.get(user_id, 0)

    def dismiss(self) -> None:
        """Wake everybody for good: the server stops."""
        self.are_dismissed = True
        self.wake(list(self._waiting))

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))


async def wait(waiter: asyncio.Future[None], timeout_s: float) -> None:
    """Wait for a wake-up or for the time to pass, whichever is first."""
    timer = asyncio.get_running_loop().call_later(timeout_s, resolve, waiter)
    try:
        await waiter
    finally:
        # A timer that stays would keep its waiter, and all that waits with it, until it fires.
        timer.cancel()


def resolve(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
