"""Messages that wait for a device. Written beside the entries that sent them, kept until the device has them.

For a device that does not come any more they would wait for ever, and more of them every day. So there is a limit:
the oldest go, since whoever does come back needs the keys of what is said now, and has the older ones in a backup.
"""

from __future__ import annotations

import asyncio
import logging

import asyncpg
import msgspec

from myelin.schema.connections import DATABASE_FAULTS
from myelin.schema.queries import load_queries

# Months of a busy person's keys for a device that is off.
SESSION_LIMIT = 5_000
# A person has one at most, and where they are signed in nowhere it is all that they have.
DEHYDRATED_LIMIT = 50_000
DROP_INTERVAL_S = 3600

logger = logging.getLogger(__name__)


class WaitingMessage(msgspec.Struct, frozen=True, gc=False):
    """A message to a device; `content` is JSON."""

    position: int
    sender: str
    type: str
    content: str


class ToDeviceMessages:
    """The messages to all devices, by device number."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.stores", "to_device.sql")

    async def waiting(self, device_number: int, since: int, upto: int, limit: int | None) -> list[WaitingMessage]:
        """Return the messages to a device within (since, upto], oldest first, at most `limit`."""
        rows = await self._pool.fetch(self._queries["waiting_messages"], device_number, since, upto, limit)
        return [WaitingMessage(row["position"], row["sender"], row["type"], row["content"]) for row in rows]

    async def received(self, device_number: int, upto: int) -> None:
        """Forget the messages to a device up to a position."""
        await self._pool.execute(self._queries["drop_received_messages"], device_number, upto)

    async def run(self) -> None:
        """Keep what waits within its limits, for ever."""
        while True:
            await asyncio.sleep(DROP_INTERVAL_S)
            try:
                await self.drop_oldest(SESSION_LIMIT, DEHYDRATED_LIMIT)
            except DATABASE_FAULTS as fault:
                logger.warning("what waits for devices could not be counted: %s", type(fault).__name__)

    async def drop_oldest(self, session_limit: int, dehydrated_limit: int) -> int:
        """Drop the oldest of what waits for a device beyond these limits, and say so; return how many went."""
        after: int | None = -1
        messages = devices = 0
        while after is not None:
            limits = session_limit, dehydrated_limit, after
            row = await self._pool.fetchrow(self._queries["drop_oldest_messages"], *limits)
            messages, devices, after = messages + row["messages"], devices + row["devices"], row["after"]
        if messages:
            logger.warning("%d messages were dropped that had waited too long for %d devices", messages, devices)
        return messages
