"""The rooms of the directory as a site has them by default: 5,000 people come into theirs, while somebody writes."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx

from bench.daily import Row
from bench.daily.hospital import hospital_table, number_of
from bench.daily.site import Site, percentile, registered, site

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

API = "/_matrix/client/v3"
PEOPLE = 5_000
DEPARTMENTS = 150
SENDS_PER_S = 50
QUIET_S = 10
LOOK_EVERY_S = 0.5
LOOKS = 600


async def rows(place: Path) -> list[Row]:
    # With the room of everybody, which is there unless a site turns it off: the import alone is another topic.
    with site(place) as started:
        async with httpx.AsyncClient(base_url=started.url, timeout=120) as writer:
            writer.headers["Authorization"] = f"Bearer {await registered(writer, 'writer')}"
            return await measured(started, place / "people.csv", writer)


async def measured(started: Site, file: Path, writer: httpx.AsyncClient) -> list[Row]:
    room = (await writer.post(f"{API}/createRoom", json={})).raise_for_status().json()["room_id"]
    quiet_ms, meanwhile_ms = list[float](), list[float]()
    await for_a_while(write(writer, room, "quiet", quiet_ms), QUIET_S)
    writing = asyncio.create_task(write(writer, room, "meanwhile", meanwhile_ms))
    await asyncio.to_thread(file.write_text, hospital_table(PEOPLE, DEPARTMENTS), encoding="utf-8")
    began = time.perf_counter()
    await started.command("directory", "import", "--yes", str(file))
    imported_s = time.perf_counter() - began
    await everybody_joined(started)
    joined_s = time.perf_counter() - began
    writing.cancel()
    size = f"{PEOPLE:,} people in {DEPARTMENTS} departments, with the room of everybody (the default)"
    return [
        Row("import until all of it is carried out", f"{imported_s:.1f} s", "30 s", size),
        Row("import until everybody is in the room of everybody", f"{joined_s:.1f} s", "stated", size),
        Row(
            "sends meanwhile, p50 and p99; before it",
            f"{both(meanwhile_ms)}; {both(quiet_ms)} ms",
            "as ever (3 and 8 ms at 200/s)",
            f"{SENDS_PER_S}/s in another room over HTTP, latency from when each was due",
        ),
    ]


def both(latencies_ms: list[float]) -> str:
    return f"{percentile(latencies_ms, 0.5):.1f}, {percentile(latencies_ms, 0.99):.1f}"


async def write(writer: httpx.AsyncClient, room: str, name: str, latencies_ms: list[float]) -> None:
    """Write at a steady pace until cancelled."""
    began = time.perf_counter()
    for number in range(1_000_000):
        due = began + number / SENDS_PER_S
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        path = f"{API}/rooms/{quote(room)}/send/m.room.encrypted/{name}{number}"
        content = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x" * 600, "session_id": "s"}
        (await writer.put(path, json=content)).raise_for_status()
        latencies_ms.append((time.perf_counter() - due) * 1000)


async def for_a_while(running: Coroutine[None, None, None], seconds: float) -> None:
    task = asyncio.create_task(running)
    await asyncio.wait([task], timeout=seconds)
    task.cancel()


async def everybody_joined(started: Site) -> None:
    """Return when the room of everybody holds everybody, and the server's hand; one of the staff looks."""
    number = number_of(PEOPLE - 1)
    await started.command("user", "password", number, "--password-stdin", stdin=b"password")
    async with httpx.AsyncClient(base_url=started.url, timeout=120) as client:
        login = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": number},
            "password": "password",
        }
        answer = (await client.post(f"{API}/login", json=login)).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {answer['access_token']}"
        for _ in range(LOOKS):
            if await members(client) == PEOPLE + 1:
                return
            await asyncio.sleep(LOOK_EVERY_S)
    raise TimeoutError("not everybody is in the room of everybody")


async def members(client: httpx.AsyncClient) -> int:
    """How many are in the only room that somebody without keys is in, 0 where they are in none yet."""
    rooms = (await client.get(f"{API}/joined_rooms")).raise_for_status().json()["joined_rooms"]
    if not rooms:
        return 0
    answer = (await client.get(f"{API}/rooms/{quote(rooms[0])}/joined_members")).raise_for_status()
    return len(answer.json()["joined"])
