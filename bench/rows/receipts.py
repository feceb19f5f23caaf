"""200 messages a second, and 2.4 read receipts for each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import quote

from bench.assignment import Figure
from bench.load import loops
from bench.load.matrix import succeeded
from bench.rows.shapes import ROOMS_OF_10

if TYPE_CHECKING:
    from bench.load.matrix_ward import Member
    from bench.load.site import Site


class Readers:
    """Of the nine others in a room 4 in 15 answer a message with a receipt: 2.4 each, taken in turn."""

    def __init__(self) -> None:
        self.sent = 0
        self._sending: list[asyncio.Task[None]] = []

    def saw(self, member: Member, event_id: str, number: int) -> None:
        if (number + member.place) % 15 < 4:
            self._sending.append(asyncio.create_task(self._read(member, event_id)))

    async def _read(self, member: Member, event_id: str) -> None:
        path = f"/rooms/{quote(member.room_id)}/receipt/m.read/{quote(event_id)}"
        succeeded(await member.user.channel.request(member.user.request("POST", path, 2) + b"{}"))
        self.sent += 1

    async def done(self) -> None:
        """Raises the first refusal: what was refused cost little and measures nothing."""
        await asyncio.gather(*self._sending)


async def measure(site: Site) -> list[Figure]:
    ward = await site.matrix_ward(ROOMS_OF_10)
    readers = ward.reader = Readers()
    window = await site.window(ward, lambda: loops.opened(ward, 200, site.durations.receipts_s))
    ward.reader = None
    await readers.done()
    return [
        *window.cpu_figures("receipts200"),
        *window.delay_figures("receipts200"),
        Figure("receipts200", "receipts_per_message", readers.sent / max(1, window.accepted)),
    ]
