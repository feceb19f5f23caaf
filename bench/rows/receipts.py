"""200 messages a second, and 2.4 read receipts for each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import quote

from bench.assignment import Figure
from bench.load import loops
from bench.rows.shapes import ROOMS_OF_10

if TYPE_CHECKING:
    from bench.load.matrix_ward import Member
    from bench.load.site import Site


class Readers:
    """Of the nine others in a room 4 in 15 answer a message with a receipt: 2.4 each, taken in turn."""

    def __init__(self) -> None:
        self.sent = 0
        self.refused = 0
        self._under_way: set[asyncio.Task[None]] = set()

    def saw(self, member: Member, event_id: str, number: int) -> None:
        if (number + member.place) % 15 < 4:
            task = asyncio.create_task(self._read(member, event_id))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _read(self, member: Member, event_id: str) -> None:
        path = f"/rooms/{quote(member.room_id)}/receipt/m.read/{quote(event_id)}"
        answer = await member.user.channel.request(member.user.request("POST", path, 2) + b"{}")
        self.sent += 1
        self.refused += answer.status != 200


async def measure(site: Site) -> list[Figure]:
    ward = await site.matrix_ward(ROOMS_OF_10)
    readers = ward.reader = Readers()
    window = await site.window(ward, lambda: loops.opened(ward, 200, site.durations.receipts_s))
    ward.reader = None
    return [
        *window.cpu_figures("receipts200"),
        *window.delay_figures("receipts200"),
        Figure("receipts200", "receipts_per_message", readers.sent / max(1, window.accepted)),
        Figure("receipts200", "receipts_refused", readers.refused),
    ]
