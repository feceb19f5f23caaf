"""Thumbnails of what a phone's camera makes, what they do to sends meanwhile, and how fast files go in and out."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
from PIL import Image

from bench.daily import Row
from bench.daily.site import percentile, registered, site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable
    from pathlib import Path

API = "/_matrix/client/v3"
MEDIA = "/_matrix/client/v1/media"
PIXELS = (4000, 3000)
THUMBNAILS = 20
SENDS_PER_S = 50
SENDS_S = 10
FILE_BYTES = 64 * 2**20
FILES = 5


class Desk:
    """Somebody who sends, uploads and looks."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}
        self.sent = 0

    async def upload(self, content: bytes) -> str:
        """The path of an uploaded file, without what is to be done with it."""
        answer = await self.client.post("/_matrix/media/v3/upload", content=content, headers=self.headers)
        answer.raise_for_status()
        return str(answer.json()["content_uri"]).removeprefix("mxc://")

    async def get(self, path: str, **query: str) -> int:
        """How many bytes came."""
        answer = await self.client.get(f"{MEDIA}/{path}", params=query, headers=self.headers)
        answer.raise_for_status()
        return len(answer.content)

    async def thumbnail(self, place: str) -> None:
        await self.get(f"thumbnail/{place}", width="320", height="240", method="scale")

    async def open_room(self) -> str:
        answer = await self.client.post(f"{API}/createRoom", json={}, headers=self.headers)
        return str(answer.json()["room_id"])

    async def send(self, room: str, at: float, took_ms: list[float]) -> None:
        """Send at its time, whatever became of those before; the time counts from when it was due."""
        await asyncio.sleep(at - time.perf_counter())
        self.sent += 1
        path = f"{API}/rooms/{quote(room)}/send/m.room.message/{self.sent}"
        content = {"msgtype": "m.text", "body": "x" * 600}
        (await self.client.put(path, json=content, headers=self.headers)).raise_for_status()
        took_ms.append((time.perf_counter() - at) * 1000)

    async def sends_ms(self, room: str) -> list[float]:
        """How long each of a steady row of sends took."""
        took_ms: list[float] = []
        began = time.perf_counter() + 0.1
        due = (began + number / SENDS_PER_S for number in range(SENDS_PER_S * SENDS_S))
        await asyncio.gather(*(self.send(room, at, took_ms) for at in due))
        return took_ms


def photograph() -> bytes:
    """A picture as hard to decode as one of a camera."""
    made = BytesIO()
    coarse = Image.effect_noise((PIXELS[0] // 4, PIXELS[1] // 4), 60)
    coarse.resize(PIXELS).convert("RGB").save(made, "JPEG", quality=90)
    return made.getvalue()


@asynccontextmanager
async def without_end(desk: Desk, content: bytes, made: list[str]) -> AsyncIterator[None]:
    """Meanwhile one thumbnail after the other is made."""

    async def make() -> None:
        while True:
            place = await desk.upload(content)
            await desk.thumbnail(place)
            made.append(place)

    task = asyncio.ensure_future(make())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def timed_ms(work: Awaitable[None]) -> float:
    began = time.perf_counter()
    await work
    return (time.perf_counter() - began) * 1000


async def rows(place: Path) -> list[Row]:
    """Return the times of thumbnails, of sends beside them, and the speed of files."""
    photo = photograph()
    with site(place) as started:
        async with httpx.AsyncClient(base_url=started.url, timeout=120) as client:
            desk = Desk(client, await registered(client, "wang"))
            room = await desk.open_room()
            first, again = await thumbnails_ms(desk, photo)
            alone = await desk.sends_ms(room)
            made: list[str] = []
            async with without_end(desk, photo, made):
                beside = await desk.sends_ms(room)
            up, down = await files_mb_s(desk)
    how = f"{PIXELS[0]}x{PIXELS[1]} JPEG of {len(photo) / 1e6:.1f} MB to 320x240, {THUMBNAILS} uploads; one core"
    sends = f"{SENDS_PER_S}/s for {SENDS_S} s on the server's one core, without and with uploads and thumbnails in turn"
    return [
        Row("thumbnail of 12 megapixels, first asked", spread(first), "stated", how),
        Row("thumbnail of 12 megapixels, kept", spread(again), "stated", how),
        Row(
            f"p99 of sends while thumbnails are made ({len(made)} meanwhile)",
            f"{percentile(beside, 0.99):.1f} ms; without {percentile(alone, 0.99):.1f} ms",
            "5 ms more",
            sends,
        ),
        Row(
            "upload; download of a file", f"{up:.0f}; {down:.0f} MB/s", "stated", f"{FILE_BYTES >> 20} MiB, one client"
        ),
    ]


def spread(times_ms: list[float]) -> str:
    return f"{percentile(times_ms, 0.5):.0f} ms; p95 {percentile(times_ms, 0.95):.0f} ms"


async def thumbnails_ms(desk: Desk, photo: bytes) -> tuple[list[float], list[float]]:
    """How long thumbnails took that nobody had asked for, and the same ones again."""
    places = [await desk.upload(photo) for _ in range(THUMBNAILS)]
    first = [await timed_ms(desk.thumbnail(place)) for place in places]
    return first, [await timed_ms(desk.thumbnail(place)) for place in places]


async def files_mb_s(desk: Desk) -> tuple[float, float]:
    """How fast files go in, durable, and out."""
    content = bytes(FILE_BYTES)
    began = time.perf_counter()
    places = [await desk.upload(content) for _ in range(FILES)]
    between = time.perf_counter()
    for place in places:
        assert await desk.get(f"download/{place}") == FILE_BYTES
    ended = time.perf_counter()
    total_mb = FILE_BYTES * FILES / 1e6
    return total_mb / (between - began), total_mb / (ended - between)
