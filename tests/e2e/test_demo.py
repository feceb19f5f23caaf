"""The demo hospital as `make demo` starts it: three people walk in by their links and find colleagues who answer."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from playwright.async_api import Browser, Page, expect

from myelin.demo.hospital import PASSWORD
from tests.e2e.people import DESK, PHONE, People, Person
from tests.servers import free_port

# A first start makes a database, and nine colleagues make their keys; CI's machines are slow.
OPENING_S = 180
LIVING_MS = 60_000
LINK = re.compile(r"http://127\.0\.0\.1:\d+/#/enter/\S+")


class Demo:
    """A demo hospital that runs, and the links that it has printed."""

    def __init__(self, process: Process, links: Sequence[str]) -> None:
        self.process = process
        self.doctor, self.nurse, self.laboratory = links


@asynccontextmanager
async def demo(data_dir: Path, ports: Sequence[int]) -> AsyncIterator[Demo]:
    """A demo hospital until it is told to stop, as Ctrl-C does; nothing of it is left then."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MYELIN_")}
    ours = {
        "MYELIN_DATA_DIR": str(data_dir / "myelin"),
        "MYELIN_LISTEN": " ".join(f"127.0.0.1:{port}" for port in ports),
        "MYELIN_PASSWORD_COST": "low",
    }
    # Its database may belong to another account, which has to come through here.
    data_dir.chmod(0o711)
    command = (sys.executable, "-m", "myelin", "demo")
    process = await asyncio.create_subprocess_exec(
        *command, env=inherited | ours, stdin=DEVNULL, stdout=PIPE, start_new_session=True
    )
    try:
        yield Demo(process, await asyncio.wait_for(printed_links(process), OPENING_S))
    finally:
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 60) == 0
        assert psutil.wait_procs(children, timeout=10)[1] == []


async def printed_links(process: Process) -> list[str]:
    assert process.stdout is not None
    links: list[str] = []
    while len(links) < 3:
        line = (await process.stdout.readline()).decode()
        assert line, "the demo ended before it had printed its links"
        links += LINK.findall(line)
    return links


@pytest.mark.timeout(400)
async def test_three_people_walk_into_a_living_hospital(browser: Browser, data_dir: Path) -> None:
    ports = [free_port() for _ in range(3)]
    people = People(browser, "")
    async with demo(data_dir, ports) as hospital:
        nurse = await walk_in(people, "钱护士", hospital.nurse)
        doctor = await walk_in(people, "王医生", hospital.doctor)
        laboratory = await walk_in(people, "吴老师", hospital.laboratory, is_on_phone=True)
        await is_asked_and_answered(nurse)
        await doctor.open_room("多学科讨论")
        await doctor.sees("影像由我整理")
        await laboratory.open_room("检验联络")
        await laboratory.sees("标本 20 点送检")
        await is_refused_plainly(browser, hospital.nurse)
        await show_all(nurse.page, doctor.page, laboratory.page)
        assert people.complaints == []
    # The same addresses: whoever was signed in goes on. That the server was away meanwhile is no fault.
    async with demo(data_dir, ports):
        await nurse.page.reload()
        await nurse.open_room("李四")
        await nurse.sees("3 床演示病人甲")
    await people.leave()


async def walk_in(people: People, name: str, link: str, *, is_on_phone: bool = False) -> Person:
    """Somebody opens a link, and is at their desk without typing anything."""
    page = await people.sit_down(name, PHONE if is_on_phone else DESK)
    await page.goto(link)
    await expect(page.get_by_role("navigation", name="会话")).to_be_visible()
    assert "enter" not in page.url
    assert PASSWORD not in page.url
    return Person(name, "", PASSWORD, page)


async def is_refused_plainly(browser: Browser, link: str) -> None:
    """Somebody else opens a link that was used: it says so, and they can sign in as always."""
    context = await browser.new_context(viewport=DESK, locale="zh-CN")
    page = await context.new_page()
    await page.goto(link)
    await expect(page.get_by_role("alert")).to_contain_text("已经用过")
    await expect(page.get_by_role("button", name="登录")).to_be_enabled()
    assert "enter" not in page.url
    await context.close()


async def is_asked_and_answered(nurse: Person) -> None:
    """The nurse is asked something within a minute, answers, is read, and hears back."""
    row = nurse.page.get_by_role("navigation", name="会话").locator("[data-row]").filter(has_text="李四")
    await expect(row).to_be_visible(timeout=LIVING_MS)
    await nurse.open_room("李四")
    await nurse.sees("3 床演示病人甲")
    await nurse.say("标本 20 点准时送出。")
    await nurse.sees("标本的事我记下了")


async def show_all(*pages: Page) -> None:
    """Take pictures where somebody wants to look at them."""
    if folder := os.environ.get("MYELIN_SCREENS"):
        for number, page in enumerate(pages):
            await page.screenshot(path=Path(folder) / f"demo-{number}.png")
