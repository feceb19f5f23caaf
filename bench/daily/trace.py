"""The trace of a message in a room of 200, of a fresh message and of one that much has happened since."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx

from bench.daily import Row
from bench.daily.site import percentile, registered, site

if TYPE_CHECKING:
    from pathlib import Path

MEMBERS = 200
ROUNDS = 40
ASKED = 40
AT_ONCE = 16
API = "/_matrix/client/v3"
GOAL = "50 ms"


class Ward:
    """The room, its people, and what each of them has seen."""

    def __init__(self, client: httpx.AsyncClient, tokens: list[str]) -> None:
        self.client, self.tokens = client, tokens
        self.room, self.said = "", [""]
        self.since: dict[str, str] = {}
        self.turns = asyncio.Semaphore(AT_ONCE)

    async def call(self, token: str, method: str, path: str, **arguments: object) -> dict[str, str]:
        async with self.turns:
            headers = {"Authorization": f"Bearer {token}"}
            answer = await self.client.request(method, path, headers=headers, **arguments)  # type: ignore[arg-type]
        answer.raise_for_status()
        fields: dict[str, str] = answer.json()
        return fields

    async def open(self) -> None:
        owner, *others = self.tokens
        self.room = (await self.call(owner, "POST", f"{API}/createRoom", json={"preset": "public_chat"}))["room_id"]
        await asyncio.gather(*(self.call(token, "POST", f"{API}/join/{quote(self.room)}", json={}) for token in others))

    async def round(self, number: int) -> None:
        """Somebody says something, everybody syncs, and most acknowledge having read it."""
        path = f"{API}/rooms/{quote(self.room)}/send/m.room.message/{number}"
        content = {"msgtype": "m.text", "body": "x" * 200}
        said = (await self.call(self.tokens[number % MEMBERS], "PUT", path, json=content))["event_id"]
        self.said.append(said)
        await asyncio.gather(*(self.look(token, said, place % 4 > 0) for place, token in enumerate(self.tokens)))

    async def look(self, token: str, said: str, reads: bool) -> None:
        query = {"timeout": "0", **({"since": self.since[token]} if token in self.since else {})}
        self.since[token] = (await self.call(token, "GET", f"{API}/sync", params=query))["next_batch"]
        if reads:
            path = f"{API}/rooms/{quote(self.room)}/receipt/m.read/{quote(said, safe='')}"
            await self.call(token, "POST", path, json={})

    async def traced_ms(self, said: str) -> list[float]:
        """How long each of some requests took."""
        path = f"/_myelin/v1/rooms/{quote(self.room)}/events/{quote(said, safe='')}/trace"
        times: list[float] = []
        for _ in range(ASKED):
            began = time.perf_counter()
            await self.call(self.tokens[0], "GET", path)
            times.append((time.perf_counter() - began) * 1000)
        return times


async def rows(place: Path) -> list[Row]:
    """Return the time of traces, from the request to the whole answer."""
    with site(place) as started:
        async with httpx.AsyncClient(base_url=started.url, timeout=60) as client:
            ward = Ward(client, [await registered(client, f"person{number}") for number in range(MEMBERS)])
            await ward.open()
            for number in range(ROUNDS):
                await ward.round(number)
            # The last deliveries are stated by the next sync, and wait a second for company.
            await ward.round(ROUNDS)
            await asyncio.sleep(1.5)
            fresh, old = await ward.traced_ms(ward.said[-2]), await ward.traced_ms(ward.said[2])
    how = (
        f"{MEMBERS} members with a device each, {ROUNDS} messages, three of four people send receipts; {ASKED} requests"
    )
    return [row("trace of a fresh message", fresh, how), row("trace of the second message", old, how)]


def row(what: str, times_ms: list[float], how: str) -> Row:
    figure = f"{percentile(times_ms, 0.5):.1f} ms; p95 {percentile(times_ms, 0.95):.1f} ms"
    return Row(what, figure, GOAL, how)
