"""Somebody who writes at an even pace while something else goes on: what that does to their sends."""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

import msgspec

from bench.daily.site import percentile
from bench.load.http import Channel, head
from bench.load.matrix import CLIENT, succeeded

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from bench.load.http import Address

SENDS_PER_S = 200
SENDS = f"{SENDS_PER_S}/s in another room, 600 bytes, latency from when each was due"
WRITERS = 16
BODY = msgspec.json.encode({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x" * 520, "session_id": "s"})

Answer = TypeVar("Answer")


class Writing:
    """Writes at an even pace in one room, whatever the answers take; each latency counts from when it was due."""

    def __init__(self, address: Address, token: str, room: str) -> None:
        self.latencies_ms: list[float] = []
        self._free = asyncio.Queue[Channel]()
        for _ in range(WRITERS):
            self._free.put_nowait(Channel(address))
        self._path = f"{CLIENT}/rooms/{quote(room)}/send/m.room.encrypted/"
        self._address, self._token = address, token

    async def during(self, name: str, what: Coroutine[None, None, Answer]) -> tuple[Answer, list[float]]:
        """Write until something is over; its answer, and the latencies in ms."""
        waited = asyncio.create_task(what)
        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for number in itertools.count():
                due = began + number / SENDS_PER_S
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                if waited.done():
                    break
                tasks.create_task(self._write(f"{name}{number}", due))
        latencies_ms, self.latencies_ms = self.latencies_ms, []
        return await waited, latencies_ms

    async def _write(self, txn_id: str, due: float) -> None:
        request = head("PUT", self._path + txn_id, self._token, len(BODY), self._address.host) + BODY
        channel = await self._free.get()
        succeeded(await channel.request(request))
        self._free.put_nowait(channel)
        self.latencies_ms.append((time.perf_counter() - due) * 1000)


def both(latencies_ms: list[float]) -> str:
    return f"{percentile(latencies_ms, 0.5):.1f} and {percentile(latencies_ms, 0.99):.1f} ms"
