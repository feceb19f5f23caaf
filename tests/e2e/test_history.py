"""Two colleagues have said much to each other: all of it can be read, and what comes is never missed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, expect

from tests.e2e.people import CLIENT, People, Person
from tests.e2e.trust import Trust
from tests.servers import fresh_server

# More than are shown at once, twice.
MESSAGES = 1_300
PAGES_UP = 200


@pytest.fixture
def plain_url(tmp_path: Path, postgres_url: str, trust: Trust) -> Iterator[str]:
    """A server where a script can talk, too."""
    with fresh_server(tmp_path, postgres_url, **trust.wishes) as url:
        yield url


@pytest.fixture
async def talkers(browser: Browser, plain_url: str) -> AsyncIterator[People]:
    people = People(browser, plain_url)
    yield people
    await people.leave()
    assert people.complaints == []


async def test_history_is_read_to_its_beginning_and_back(talkers: People) -> None:
    room_id = await long_talk(talkers)
    nurse = await talkers.arrive("钱七", "1005")
    await nurse.open_room("交班")
    await nurse.sees(f"第 {MESSAGES - 1} 条")
    log = nurse.page.get_by_role("log")
    await log.hover()
    for _ in range(PAGES_UP):
        if await nurse.message("第 0 条").is_visible():
            break
        await nurse.page.mouse.wheel(0, -20_000)
        await nurse.page.wait_for_timeout(50)
    await nurse.sees("第 0 条")
    # What comes meanwhile moves nobody who reads, and is there when they go back.
    said(talkers, room_id, "刚刚说的")
    await nurse.sees("第 0 条")
    await expect(nurse.message("刚刚说的")).to_have_count(0)
    await nurse.page.get_by_role("button", name="回到最新").click()
    await nurse.sees("刚刚说的")


async def test_whoever_was_away_long_sees_the_latest(talkers: People) -> None:
    room_id = await long_talk(talkers, count=5)
    nurse: Person = await talkers.arrive("钱七", "1005")
    await nurse.open_room("交班")
    await nurse.sees("第 4 条")
    await nurse.page.context.set_offline(True)
    for number in range(60):
        said(talkers, room_id, f"其间 {number} 号")
    await nurse.page.context.set_offline(False)
    await nurse.sees("其间 59 号")


async def long_talk(people: People, count: int = MESSAGES) -> str:
    await people.employ("张三", "1001")
    await people.employ("钱七", "1005")
    room_id = await people.make_room("交班", "1001", "1005")
    for number in range(count):
        said(people, room_id, f"第 {number} 条")
    return room_id


def said(people: People, room_id: str, text: str) -> None:
    """张三 says something."""
    place = f"{people.url}{CLIENT}/rooms/{room_id}/send/m.room.message/{text}"
    headers = {"Authorization": f"Bearer {people.token_of('1001')}"}
    httpx.put(place, json={"msgtype": "m.text", "body": text}, headers=headers).raise_for_status()
