"""Messages that wait for a device. Written beside the entries that sent them, kept until the device has them."""

from __future__ import annotations

import asyncpg
import msgspec

from myelin.schema.queries import load_queries


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
