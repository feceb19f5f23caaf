"""Looking people up: 20,000 people in 1,500 departments, found by what colleagues type."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

import httpx
import psutil

from bench.daily import Row
from bench.daily.hospital import hospital_table, typed
from bench.daily.site import Site, percentile, registered, site

PEOPLE = 20_000
DEPARTMENTS = 1_500
SEARCHES = 500
GOAL_MS = 30


async def rows(place: Path) -> list[Row]:
    with site(place) as running:
        table = place / "people.csv"
        table.write_text(hospital_table(PEOPLE, DEPARTMENTS), encoding="utf-8")
        await running.command("directory", "import", "--yes", str(table))
        async with httpx.AsyncClient(base_url=running.url, timeout=60) as client:
            client.headers["Authorization"] = f"Bearer {await registered(client, 'looker')}"
            return await measured(client, running)


async def measured(client: httpx.AsyncClient, running: Site) -> list[Row]:
    server = psutil.Process(running.pid)
    before = server.memory_info().rss
    first_s, longest_ms = await first_search(client)
    grown = server.memory_info().rss - before
    terms = [typed(number) for number in random.Random(5).choices(range(PEOPLE), k=SEARCHES)]
    took_ms = [1000 * await seconds(client, term) for term in terms]
    size = f"{PEOPLE:,} people in {DEPARTMENTS:,} departments"
    kinds = "names, parts of names, pinyin, initials, numbers, departments; limit 20"
    return [
        Row(
            "a search for people, p50 and p95",
            f"{percentile(took_ms, 0.5):.1f}, {percentile(took_ms, 0.95):.1f} ms",
            f"p95 ≤ {GOAL_MS} ms",
            f"{size}; {SEARCHES} searches over HTTP, one after the other: {kinds}",
        ),
        Row("the first search, which builds the index", f"{first_s:.1f} s", "stated", size),
        Row(
            "longest wait of another request meanwhile",
            f"{longest_ms:.0f} ms",
            "≤ 20 ms",
            "GET /versions, one after the other on a connection of their own while the index is built",
        ),
        Row("memory of the index", f"{grown / 2**20:.0f} MB", "stated", f"{size}; growth by the first search"),
    ]


async def first_search(client: httpx.AsyncClient) -> tuple[float, float]:
    """How long the first search took (s), and the longest of the requests that were made meanwhile (ms)."""
    await client.get("/_matrix/client/versions")
    searching, waits_s = asyncio.create_task(seconds(client, "wang")), [0.0]
    while not searching.done():
        start = time.perf_counter()
        await client.get("/_matrix/client/versions")
        waits_s.append(time.perf_counter() - start)
    return await searching, 1000 * max(waits_s)


async def seconds(client: httpx.AsyncClient, term: str) -> float:
    """How long one search took; somebody must be found."""
    start = time.perf_counter()
    answer = await client.get("/_myelin/v1/directory/people", params={"search": term, "limit": 20})
    took = time.perf_counter() - start
    assert answer.raise_for_status().json()["people"], term
    return took
