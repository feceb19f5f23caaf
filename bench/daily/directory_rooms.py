"""The rooms of the directory as a site has them by default: 5,000 people come into theirs, while somebody writes."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx

from bench.daily import Row
from bench.daily.hospital import hospital_table, number_of
from bench.daily.site import Site, registered, site
from bench.daily.writing import SENDS, Writing, both
from bench.load.http import Address

if TYPE_CHECKING:
    from pathlib import Path

API = "/_matrix/client/v3"
PEOPLE = 5_000
DEPARTMENTS = 150
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
    address = Address(writer.base_url.host, writer.base_url.port or 0)
    writing = Writing(address, writer.headers["Authorization"].removeprefix("Bearer "), room)
    _, quiet_ms = await writing.during("quiet", asyncio.sleep(QUIET_S))
    await asyncio.to_thread(file.write_text, hospital_table(PEOPLE, DEPARTMENTS), encoding="utf-8")
    (imported_s, joined_s), meanwhile_ms = await writing.during("meanwhile", carried_out(started, file))
    size = f"{PEOPLE:,} people in {DEPARTMENTS} departments, with the room of everybody (the default)"
    return [
        Row("import until all of it is carried out", f"{imported_s:.1f} s", "30 s", size),
        Row("import until everybody is in the room of everybody", f"{joined_s:.1f} s", "stated", size),
        Row(
            "sends meanwhile, p50 and p99; before it",
            f"{both(meanwhile_ms)}; {both(quiet_ms)}",
            "3 and 8 ms",
            SENDS,
        ),
    ]


async def carried_out(started: Site, file: Path) -> tuple[float, float]:
    """After how many seconds an import was carried out, and everybody in the room of everybody."""
    began = time.perf_counter()
    await started.command("directory", "import", "--yes", str(file))
    imported_s = time.perf_counter() - began
    await everybody_joined(started)
    return imported_s, time.perf_counter() - began


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
