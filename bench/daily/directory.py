"""The directory: 5,000 people imported, and a department of 300 renamed that is in 50 rooms, while somebody writes."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import msgspec

from bench.daily import Row
from bench.daily.site import Site, percentile, registered, site
from bench.load.answers import Nothing
from bench.load.http import Address, Channel, head
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
SENDS_PER_S = 200
WRITERS = 16
BODY = msgspec.json.encode({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x" * 520, "session_id": "s"})
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


class Writing:
    """Writes at an even pace in one room, whatever the answers take; each latency counts from when it was due."""

    def __init__(self, address: Address, token: str, room: str) -> None:
        self.latencies_ms: list[float] = []
        self._free = asyncio.Queue[Channel]()
        for _ in range(WRITERS):
            self._free.put_nowait(Channel(address))
        self._path = f"{API}/rooms/{quote(room)}/send/m.room.encrypted/"
        self._address, self._token = address, token

    async def run(self, name: str) -> None:
        """Write until cancelled."""
        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for number in range(1_000_000):
                due = began + number / SENDS_PER_S
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                tasks.create_task(self._write(f"{name}{number}", due))

    async def of(self, name: str, seconds: float) -> list[float]:
        """Write for so long; the latencies in ms."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.run(name)
        return self.taken()

    def taken(self) -> list[float]:
        """The latencies since this was asked the last time."""
        latencies_ms, self.latencies_ms = self.latencies_ms, []
        return latencies_ms

    async def _write(self, txn_id: str, due: float) -> None:
        request = head("PUT", self._path + txn_id, self._token, len(BODY), self._address.host) + BODY
        channel = await self._free.get()
        answer = await channel.request(request)
        self._free.put_nowait(channel)
        if answer.status == 200:
            self.latencies_ms.append((time.perf_counter() - due) * 1000)


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
        await writing.of("warm", WARM_UP_S)
        before_ms = await writing.of("before", WARM_UP_S)
        running = asyncio.create_task(writing.run("meanwhile"))
        took_s = await imported_s(started, file, listing(RENAMED, ["内科系统/心血管内科"]))
        running.cancel()
    how = f"{RENAMED} people in {ROOMS} rooms each, {RENAMED * ROOMS:,} member events; from the command to its end"
    sends = f"{SENDS_PER_S}/s in another room, 600 bytes, latency from when each was due"
    return [
        Row(f"renaming a department of {RENAMED}", f"{took_s:.1f} s", "60 s", how),
        Row("sends meanwhile, p50 and p99", both(writing.taken()), "3 and 8 ms", sends),
        Row("sends before it, p50 and p99", both(before_ms), "3 and 8 ms", sends),
    ]


def both(latencies_ms: list[float]) -> str:
    return f"{percentile(latencies_ms, 0.5):.1f} and {percentile(latencies_ms, 0.99):.1f} ms"
