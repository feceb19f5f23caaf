"""Short-lived signals on their way to other processes, one after the other. What cannot be sent soon is not sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

WAITING_LIMIT = 1000


class Signals:
    """Gives signals to `send`, which loses them where nobody can be reached."""

    def __init__(self, send: Callable[[str], Awaitable[None]]) -> None:
        self._send = send
        self._waiting: asyncio.Queue[str] = asyncio.Queue(WAITING_LIMIT)

    def put(self, payload: str) -> None:
        """Have a signal sent; dropped where far too many wait."""
        with suppress(asyncio.QueueFull):
            self._waiting.put_nowait(payload)

    async def run(self) -> None:
        """Send for ever."""
        while True:
            await self._send(await self._waiting.get())
