"""From a message to the push gateway, and what a dead or a hanging gateway costs those who send."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import psutil

from bench.daily import Row
from bench.daily.site import percentile, registered, site
from bench.meter import cpu_s, postmaster_pids, tree

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

MEMBERS = 10
# For each of the four kinds of gateway: the whole topic takes a little longer than four times this.
MESSAGES = 240
PER_SECOND = 20
# No push is under way for longer; who waits for the last one waits no longer either.
LAST_PUSH_S = 5.0
API = "/_matrix/client/v3"
NOTIFY = "/_matrix/push/v1/notify"
ANSWER = b'HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n{"rejected":[]}'
HOW = f"room of {MEMBERS}, {PER_SECOND} messages/s for {MESSAGES // PER_SECOND} s, {MEMBERS - 1} phones"


class Gateway:
    """Takes every push and notes when; one that hangs never answers."""

    def __init__(self, hangs: bool) -> None:
        self.hangs = hangs
        self.arrived: list[tuple[str, float]] = []
        self._stirred = asyncio.Event()

    async def all_of(self, count: int) -> None:
        """Wait for so many pushes, though not for ever: what never comes shows in the row."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_PUSH_S):
                while len(self.arrived) < count:
                    self._stirred.clear()
                    await self._stirred.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
                notification = json.loads(await reader.readexactly(length))["notification"]
                self.arrived.append((notification.get("event_id", ""), time.perf_counter()))
                self._stirred.set()
                if not self.hangs:
                    writer.write(ANSWER)
        writer.close()


@asynccontextmanager
async def gateway(hangs: bool = False) -> AsyncIterator[tuple[Gateway, str]]:
    """A gateway on loopback, and its origin."""
    taking = Gateway(hangs)
    server = await asyncio.start_server(taking.serve, "127.0.0.1", 0)
    try:
        yield taking, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


class Ward:
    """People of one room, each with a phone but the first, who speaks."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.tokens: list[str] = []
        self.room = ""
        self.sent: dict[str, float] = {}
        self.took_ms: dict[str, list[float]] = {}

    async def call(self, token: str, method: str, path: str, body: object) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {token}"}
        answer = await self.client.request(method, f"{API}{path}", json=body, headers=headers)
        answer.raise_for_status()
        fields: dict[str, str] = answer.json()
        return fields

    async def open(self) -> None:
        self.tokens = [await registered(self.client, f"nurse{number}") for number in range(MEMBERS)]
        self.room = (await self.call(self.tokens[0], "POST", "/createRoom", {"preset": "public_chat"}))["room_id"]
        for token in self.tokens[1:]:
            await self.call(token, "POST", f"/join/{quote(self.room)}", {})

    async def ring_at(self, origin: str | None) -> None:
        """Give everybody a phone at this gateway, or take it away."""
        for number, token in enumerate(self.tokens[1:]):
            phone: dict[str, object] = {"app_id": "org.example.app", "pushkey": f"phone {number}", "kind": None}
            if origin is not None:
                names = {"app_display_name": "App", "device_display_name": "Phone", "lang": "zh"}
                data = {"url": origin + NOTIFY, "format": "event_id_only"}
                phone |= {"kind": "http", "data": data, **names}
            await self.call(token, "POST", "/pushers/set", phone)

    async def speak(self, name: str) -> None:
        """Send at an even pace, whatever the answers take."""
        begun = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for number in range(MESSAGES):
                await asyncio.sleep(max(0.0, begun + number / PER_SECOND - time.perf_counter()))
                tasks.create_task(self._say(name, number))

    async def _say(self, name: str, number: int) -> None:
        path = f"/rooms/{quote(self.room)}/send/m.room.message/{name}{number}"
        sent = time.perf_counter()
        answer = await self.call(self.tokens[0], "PUT", path, {"msgtype": "m.text", "body": "x" * 400})
        self.sent[answer["event_id"]] = sent
        self.took_ms.setdefault(name, []).append((time.perf_counter() - sent) * 1000)


async def rows(place: Path) -> list[Row]:
    """Measure the way to the gateway, and CPU with no phones, with a gateway that is dead, and one that hangs."""
    async with gateway() as (_, dead):
        pass
    async with gateway() as (quick, quick_origin), gateway(hangs=True) as (_, hanging_origin):
        wishes = {"push_gateways": f"{quick_origin},{hanging_origin},{dead}"}
        with site(place, **wishes) as at:
            async with httpx.AsyncClient(base_url=at.url, timeout=30) as client:
                ward = Ward(client)
                await ward.open()
                costs = {}
                places = {"none": None, "quick": quick_origin, "dead": dead, "hanging": hanging_origin}
                for name, origin in places.items():
                    await ward.ring_at(origin)
                    with measured(at.pid, place) as cost:
                        await ward.speak(name)
                        await quick.all_of(MESSAGES * (MEMBERS - 1) if name == "quick" else 0)
                    costs[name] = cost[0]
                ways = [at_s - ward.sent[name] for name, at_s in quick.arrived if name in ward.sent]
    kinds = {
        "none": ("without phones", "-"),
        "dead": ("with a dead gateway", "as without phones"),
        "hanging": ("with a gateway that hangs", "as without phones"),
        "quick": (f"with {MEMBERS - 1} pushes a message", "stated"),
    }
    return [
        way("p50", ways, 0.5),
        way("p99", ways, 0.99),
        *(cost_row(*kinds[name], costs[name]) for name in kinds),
        *(sends_row(*kinds[name], ward.took_ms[name]) for name in kinds),
    ]


@contextmanager
def measured(pid: int, place: Path) -> Iterator[list[float]]:
    """CPU seconds of the server and its database in this time, in the list that is yielded."""
    cost: list[float] = []
    before = used(pid, place)
    yield cost
    cost.append(used(pid, place) - before)


def used(pid: int, place: Path) -> float:
    processes = tree(psutil.Process(pid))
    for postmaster in postmaster_pids([place]):
        processes |= tree(psutil.Process(postmaster))
    return cpu_s(processes.values())


def way(name: str, ways: list[float], share: float) -> Row:
    expected = MESSAGES * (MEMBERS - 1)
    figure = f"{percentile(ways, share) * 1000:.0f} ms" if ways else "none came"
    return Row(
        f"sent to push gateway, {name}",
        figure,
        "1 s from the commit (p99)",
        f"{HOW}; {len(ways):,} of {expected:,} pushes came",
    )


def cost_row(name: str, goal: str, cost_s: float) -> Row:
    return Row(f"CPU per 1,000 messages {name}", f"{cost_s / MESSAGES * 1000:.2f} s", goal, HOW)


def sends_row(name: str, goal: str, took_ms: list[float]) -> Row:
    figure = f"{percentile(took_ms, 0.5):.1f} and {percentile(took_ms, 0.99):.1f} ms"
    return Row(f"a send {name}, p50 and p99", figure, goal, HOW)
