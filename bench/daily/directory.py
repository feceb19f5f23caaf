"""The directory: 5,000 people imported, and a department of 300 renamed that is in 50 rooms, while somebody writes."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx

from bench.daily import Row
from bench.daily.site import Site, registered, site
from bench.daily.writing import SENDS, Writing, both
from bench.load.answers import Nothing
from bench.load.http import Address, Channel
from bench.load.matrix import call

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

API = "/_matrix/client/v3"
HEAD = "工号,姓名,科室,职称,职业,电话,兼职\n"
CODE = re.compile(r"<b>([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})</b>")
IMPORTED = 5000
DEPARTMENTS = 150
RENAMED = 300
ROOMS = 50
AT_ONCE = 16
WARM_UP_S = 5.0


def listing(count: int, departments: Sequence[str]) -> str:
    """A file of so many people, spread over departments."""
    people = (f"{number},某{number},{departments[number % len(departments)]},医师,医,," for number in range(count))
    return HEAD + "\n".join(people) + "\n"


def own_place(place: Path, name: str) -> Path:
    """A directory for one of the two servers; PostgreSQL runs as an ordinary user and must reach it."""
    own = place / name
    own.mkdir(mode=0o755)
    return own


async def imported_s(started: Site, file: Path, text: str, *options: str) -> float:
    """How long a command took until all of an import was carried out."""
    await asyncio.to_thread(file.write_text, text, encoding="utf-8")
    began = time.perf_counter()
    await started.command("directory", "import", str(file), "--yes", *options)
    return time.perf_counter() - began


class Staff:
    """People who stand in rooms together, and somebody who writes in one of their own."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        url = client.base_url
        self.address = Address(url.host, url.port or 0)
        self.turns = asyncio.Semaphore(AT_ONCE)

    async def call(self, token: str | None, method: str, path: str, body: object) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        async with self.turns:
            answer = await self.client.request(method, path, json=body, headers=headers)
        answer.raise_for_status()
        fields: dict[str, str] = answer.json()
        return fields

    async def arrive(self, number: int, code: str, rooms: Sequence[str]) -> None:
        """One of them chooses a password, signs in and joins the rooms."""
        password = f"password of {number}"
        own = {"employee_number": str(number), "code": code, "password": password}
        await self.call(None, "POST", "/_myelin/v1/activate", own)
        identifier = {"type": "m.id.user", "user": str(number)}
        login = {"type": "m.login.password", "identifier": identifier, "password": password}
        token = (await self.call(None, "POST", f"{API}/login", login))["access_token"]
        channel = Channel(self.address)
        async with self.turns:
            for room in rooms:
                await call(channel, Nothing, "POST", f"{API}/join/{quote(room)}", {}, token)
        channel.close()


async def rows(place: Path) -> list[Row]:
    """Return how long an import and a renaming take, and what the renaming does to whoever writes meanwhile."""
    departments = [f"系统{number % 10}/科室{number}" for number in range(DEPARTMENTS)]
    with site(own_place(place, "import")) as started:
        took_s = await imported_s(started, place / "people.csv", listing(IMPORTED, departments))
    return [
        Row(
            f"import of {IMPORTED:,} people in {DEPARTMENTS} departments",
            f"{took_s:.1f} s",
            "30 s",
            "`myelin directory import --yes` beside a running server, until all of it is carried out",
        ),
        *await renaming_rows(place),
    ]


async def renaming_rows(place: Path) -> list[Row]:
    with site(own_place(place, "rename")) as started:
        slips, file = place / "codes.html", place / "people.csv"
        await imported_s(started, file, listing(RENAMED, ["内科系统/心内科"]), "--codes", str(slips))
        async with httpx.AsyncClient(base_url=started.url, timeout=120) as client:
            staff = Staff(client)
            token = await registered(client, "writer")
            public = {"preset": "public_chat"}
            rooms = [(await staff.call(token, "POST", f"{API}/createRoom", public))["room_id"] for _ in range(ROOMS)]
            codes = enumerate(CODE.findall(slips.read_text(encoding="utf-8")))
            await asyncio.gather(*(staff.arrive(number, code, rooms) for number, code in codes))
            own = (await staff.call(token, "POST", f"{API}/createRoom", {}))["room_id"]
        writing = Writing(staff.address, token, own)
        await writing.during("warm", asyncio.sleep(WARM_UP_S))
        _, before_ms = await writing.during("before", asyncio.sleep(WARM_UP_S))
        renaming = imported_s(started, file, listing(RENAMED, ["内科系统/心血管内科"]))
        took_s, meanwhile_ms = await writing.during("meanwhile", renaming)
    how = f"{RENAMED} people in {ROOMS} rooms each, {RENAMED * ROOMS:,} member events; from the command to its end"
    return [
        Row(f"renaming a department of {RENAMED}", f"{took_s:.1f} s", "60 s", how),
        Row("sends meanwhile, p50 and p99", both(meanwhile_ms), "3 and 8 ms", SENDS),
        Row("sends before it, p50 and p99", both(before_ms), "3 and 8 ms", SENDS),
    ]
