"""How long it takes from a laboratory's bytes to a card that a doctor's device has decrypted, and how much is kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles

from bench.daily import Row
from myelin.engine import Engine
from myelin_gateway.channels.mllp import MllpClient
from myelin_gateway.delivery import Arrival, Draft, Sorted, Store, open_store
from tests.contract.hospital import Hospital, hospital
from tests.databases import new_database
from tests.gateway.beds import PEOPLE, Doctor, doctor_of, gateway_of, laboratory, report

MESSAGES = 50
RATE = 20
KEPT_S = 5
SENDERS = 8
WAITING = 200_000


async def rows(place: Path) -> list[Row]:
    """Return the delays of a quiet and of a busy laboratory, and the rates of the store."""
    return [*await cards(place), *await stores(place)]


async def cards(place: Path) -> list[Row]:
    engine = Engine(place / "engine", durable=False)
    try:
        with a_hospital(place, await new_database(await engine.start())) as there:
            return await delays(there, place)
    finally:
        await engine.stop()


@contextmanager
def a_hospital(place: Path, url: str) -> Iterator[Hospital]:
    (place / "hospital").mkdir()
    with hospital(place / "hospital", url, require_encryption="true") as started:
        started.import_people(PEOPLE)
        yield started


async def delays(there: Hospital, place: Path) -> list[Row]:
    async with doctor_of(there, place / "doctor") as li:
        with gateway_of(there, place / "gateway") as gateway:
            gateway.start()
            async with laboratory(gateway) as lis:
                first = await timed(lis, li, ["F0"])
                one_by_one = [(await timed(lis, li, [f"Q{number}"]))[0] for number in range(MESSAGES)]
                paced = await timed(lis, li, [f"P{number}" for number in range(10 * RATE)], 1 / RATE)
    how = "homeserver, database, gateway and a matrix-nio client on one machine, SQLite; MLLP bytes to decrypted card"
    return [
        Row("first card of a person: room, devices, keys", f"{first[0] * 1000:,.0f} ms", "–", how),
        *delay_rows("one message after the other", one_by_one, how),
        *delay_rows(f"{RATE} messages/s", paced, how),
    ]


def delay_rows(what: str, found: list[float], how: str) -> list[Row]:
    cuts = quantiles(found, n=20)
    told = f"{how}; {len(found)} cards"
    return [
        Row(f"bytes to decrypted card, {what}, p50", f"{cuts[9] * 1000:,.0f} ms", "–", told),
        Row(f"bytes to decrypted card, {what}, p95", f"{cuts[18] * 1000:,.0f} ms", "1 s", told),
    ]


async def timed(lis: MllpClient, doctor: Doctor, numbers: list[str], pause_s: float = 0) -> list[float]:
    """Send messages, and return how long each took to be read."""
    before, began = len(doctor.cards), dict[str, float]()
    for number in numbers:
        began[number] = time.perf_counter()
        await lis.send(report(number, patient=number), number)
        await asyncio.sleep(max(0.0, began[number] + pause_s - time.perf_counter()))
    await doctor.reads(before + len(numbers))
    found = zip(doctor.cards[before:], doctor.at_s[before:], strict=True)
    read_at = {number: at for card, at in found for number in numbers if f" {number}，" in str(card["body"])}
    return [read_at[number] - began[number] for number in numbers]


async def stores(place: Path) -> list[Row]:
    store = await open_store("sqlite:///gateway.db", place)
    try:
        kept = await kept_in_a_second(store)
        behind_s = await critical_behind_routine(store)
    finally:
        await store.close()
    how = f"SQLite, {SENDERS} senders at a time"
    waiting = f"{WAITING:,} routine cards wait"
    return [
        Row("messages kept, each on disk before its answer", f"{kept:,.0f} /s", "500 /s", how),
        Row("a critical card is found behind routine ones", f"{behind_s * 1000:,.1f} ms", "2 s", waiting),
    ]


async def kept_in_a_second(store: Store) -> float:
    began, counts = time.perf_counter(), [0] * SENDERS

    async def sender(number: int) -> None:
        while time.perf_counter() - began < KEPT_S:
            raw = report(f"K{number}-{counts[number]}")
            await store.keep([Arrival("lis", f"K{number}-{counts[number]}", "ORU^R01", raw, 0)])
            counts[number] += 1

    await asyncio.gather(*map(sender, range(SENDERS)))
    return sum(counts) / (time.perf_counter() - began)


async def critical_behind_routine(store: Store) -> float:
    (first, *_rest) = await store.unsorted(1)
    content = report("X") * 4
    drafts = [
        Draft(str(number % 3000), "reports", "routine", "lab_report", f"c{number}", 1, str(number), content)
        for number in range(WAITING)
    ]
    await store.settle([Sorted(first.inbox_id, tuple(drafts))], 0)
    urgent = Draft("1", "critical", "critical", "critical_value", "urgent", 1, "P", content)
    await store.settle([Sorted(first.inbox_id, (urgent,))], 0)
    began = time.perf_counter()
    assert len(await store.due("critical", 1, 8)) == 1
    await store.due("routine", 1, 8)
    return time.perf_counter() - began
