"""Who is on duty: 200 roles with two shifts a day for 90 days, asked for one by one."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import msgspec

from bench.daily import Row
from bench.daily.hospital import departments, hospital_table, number_of
from bench.daily.site import Site, percentile, registered, site
from bench.launch.running import DOMAIN
from myelin.directory.duty_file import SHANGHAI, read_duties
from myelin.directory.duty_planning import rosters_of
from myelin.entries.duty_plan import DutyPlan, DutyRole
from myelin.staff.duty import Duties

PEOPLE = 500
WARDS = 100
DAYS = 88
QUESTIONS = 500
LAST = "总值班"


class Question(msgspec.Struct, frozen=True):
    """Who has a duty at an instant (ms)."""

    role: str
    at: int


async def rows(place: Path) -> list[Row]:
    midnight = datetime.now(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    people, duties = place / "people.csv", place / "duties.csv"
    people.write_text(hospital_table(PEOPLE, WARDS), encoding="utf-8")
    duties.write_text("\n".join(["角色,工号,开始,结束,后备", *lines(midnight)]), encoding="utf-8")
    with site(place) as running:
        await running.command("directory", "import", "--yes", str(people))
        start = time.perf_counter()
        await running.command("duty", "import", str(duties))
        imported_s = time.perf_counter() - start
        asked_ms = await asked(running, midnight)
    resolved_ms = resolved(duties, midnight)
    size = f"{2 * WARDS} roles, {4 * WARDS * DAYS:,} shifts in {DAYS} days"
    return [
        Row(
            "a role resolves, p50 and p99",
            f"{percentile(resolved_ms, 0.5):.4f}, {percentile(resolved_ms, 0.99):.4f} ms",
            "≤ 1 ms",
            f"{size}; in memory, by the same code, timed in the bench",
        ),
        Row(
            "GET /duty for a role, p50 and p95",
            f"{percentile(asked_ms, 0.5):.1f}, {percentile(asked_ms, 0.95):.1f} ms",
            "stated",
            f"{size}; {QUESTIONS} questions over HTTP, one after the other; who the person is comes from the database",
        ),
        Row("the import of all these shifts", f"{imported_s:.1f} s", "stated", f"{size}; the whole command"),
    ]


def lines(midnight: datetime) -> Iterator[str]:
    """The rows of a file: two lines in every department, a day and a night shift, and whoever stands in."""
    yield f"{LAST},{number_of(0)},,,"
    for ward, path in enumerate(departments(WARDS)):
        for line in (1, 2):
            role = f"{path}-{line}线"
            for day in range(2 * DAYS):
                begins, ends = (midnight + timedelta(hours=8 + 12 * each) for each in (day, day + 1))
                person = number_of((ward + day * line) % PEOPLE)
                yield f"{role},{person},{begins:%Y-%m-%d %H:%M},{ends:%Y-%m-%d %H:%M},{LAST}"


def questions(midnight: datetime) -> Iterator[Question]:
    chosen = random.Random(7)
    roles = [f"{path}-{line}线" for path in departments(WARDS) for line in (1, 2)]
    for _ in range(QUESTIONS):
        at = midnight + timedelta(minutes=chosen.randrange(DAYS * 24 * 60))
        yield Question(chosen.choice(roles), int(at.timestamp() * 1000))


async def asked(running: Site, midnight: datetime) -> list[float]:
    """How long each question took over HTTP, in ms; somebody must answer."""
    async with httpx.AsyncClient(base_url=running.url, timeout=60) as client:
        client.headers["Authorization"] = f"Bearer {await registered(client, 'asker')}"
        await client.get("/_myelin/v1/duty")
        return [await took(client, question) for question in questions(midnight)]


async def took(client: httpx.AsyncClient, question: Question) -> float:
    start = time.perf_counter()
    answer = await client.get("/_myelin/v1/duty", params={"role": question.role, "at": question.at})
    took_ms = 1000 * (time.perf_counter() - start)
    assert answer.raise_for_status().json()["roles"][0]["person"] is not None
    return took_ms


def resolved(file: Path, midnight: datetime) -> list[float]:
    """How long each question takes where the rosters lie, in ms."""
    listed = read_duties(file, DOMAIN)
    fallbacks = {duty.role: duty.fallback for duty in listed if duty.fallback is not None}
    roles = [DutyRole(role, None, fallback) for role, fallback in fallbacks.items()]
    plan = DutyPlan((*roles, DutyRole(LAST, standing=f"@{number_of(0)}:{DOMAIN}")), tuple(rosters_of(listed)))
    duties = Duties(last_resort=LAST).with_plan(plan)
    times_ms = []
    for question in questions(midnight):
        start = time.perf_counter()
        answer = duties.resolve(question.role, question.at)
        times_ms.append(1000 * (time.perf_counter() - start))
        assert answer.user_id is not None
    return times_ms
