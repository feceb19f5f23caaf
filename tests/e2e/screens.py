"""`python -m tests.e2e.screens`: pictures of the main screens of the demo hospital, into docs/screens.

It wants a demo hospital that runs (`make demo`), its address, and its folder, as a laboratory's system is added to it:
`python -m tests.e2e.screens http://127.0.0.1:8008 data-demo`.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect

from myelin.demo.hospital import PASSWORD
from tests.e2e.conftest import BROWSERS
from tests.e2e.people import DESK, PHONE, People, Person
from tests.e2e.test_cards import LAB_PASSWORD, card, feed, message, send_instead, tampered

PIN = "246813"
SERVER_NAME = "myelin.localhost"
# The demo has a laboratory of its own, which is busy.
SERVICE = "pictures"
FOLDER = Path(__file__).resolve().parents[2] / "docs/screens"


async def main(url: str, folder: str) -> None:
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        doctor, nurse = await arrive(browser, url, "1003"), await arrive(browser, url, "1005", is_on_phone=True)
        await talk(doctor, nurse)
        await show(doctor.page, "conversation")
        await show(nurse.page, "conversation-phone")
        await doctor.page.get_by_role("button", name="群信息").click()
        await expect(doctor.page.get_by_role("dialog").get_by_text("成员（4）")).to_be_visible()
        await show(doctor.page, "members")
        await doctor.page.keyboard.press("Escape")
        await search(doctor)
        await look_around(doctor)
        await nurse.page.get_by_role("link", name="值班", exact=True).click()
        await expect(nurse.page.get_by_role("article", name="心内科-一线")).to_be_visible()
        await show(nurse.page, "duty-phone")
        environment = {**os.environ, "MYELIN_DATA_DIR": folder, "MYELIN_SERVER_NAME": SERVER_NAME}
        await receive(People(browser, url, environment=environment), nurse)
        await lock(doctor)
        await browser.close()


async def arrive(browser: Browser, url: str, number: str, *, is_on_phone: bool = False) -> Person:
    viewport = PHONE if is_on_phone else DESK
    context = await browser.new_context(
        base_url=url, viewport=viewport, locale="zh-CN", has_touch=is_on_phone, is_mobile=is_on_phone
    )
    person = Person(number, number, PASSWORD, await context.new_page())
    await person.page.goto("/")
    if not is_on_phone:
        await show(person.page, "sign-in")
    await person.sign_in()
    await person.page.get_by_role("button", name="稍后").click()
    return person


async def talk(doctor: Person, nurse: Person) -> None:
    """Two of the night shift hand over; nothing here is about anybody who lives."""
    for person in (doctor, nurse):
        await person.open_room("夜班交班")
    await doctor.say("3 床今晚 20 点复查血钾，结果出来告诉我。")
    await nurse.sees("复查血钾")
    await nurse.say("好的，20 点抽血。5 床心电监护已换电池。")
    await doctor.sees("已换电池")
    await doctor.say("收到，辛苦了。")
    await nurse.sees("辛苦了")


async def search(doctor: Person) -> None:
    await doctor.page.get_by_role("button", name="搜索本会话").click()
    await doctor.page.get_by_role("dialog").get_by_role("searchbox").fill("血钾")
    await expect(doctor.page.locator("[data-hit]").first).to_be_visible()
    await show(doctor.page, "search")
    await doctor.page.keyboard.press("Escape")


async def look_around(doctor: Person) -> None:
    page = doctor.page
    await page.get_by_role("link", name="通讯录").click()
    await page.get_by_role("navigation", name="科室").get_by_role("button", name="心内科").click()
    await expect(page.get_by_role("button", name="钱七")).to_be_visible()
    await show(page, "people")
    await page.get_by_role("link", name="我", exact=True).click()
    await expect(page.get_by_role("button", name="退出登录")).to_be_visible()
    await show(page, "settings")
    await page.get_by_role("link", name="值班", exact=True).click()
    await expect(page.get_by_role("article", name="心内科-一线")).to_be_visible()
    await page.emulate_media(color_scheme="dark")
    await show(page, "duty-dark")
    await page.emulate_media(color_scheme="light")


async def receive(people: People, nurse: Person) -> None:
    """The laboratory's system, which is no colleague, tells of a value that cannot wait."""
    added = ("service", "add", SERVICE, "--title", "急诊检验", "--password-stdin")
    await people.command(*added, stdin=f"{LAB_PASSWORD}\n")
    feed(people, "1005", SERVER_NAME, SERVICE)
    laboratory = await tampered(people, "急诊检验", f"_{SERVICE}", LAB_PASSWORD)
    await nurse.page.get_by_role("link", name="会话", exact=True).click()
    for person in (laboratory, nurse):
        await person.open_room("危急值")
    deadline = int(time.time() * 1000) + 10 * 60_000
    await send_instead(laboratory, message(card(deadline=deadline, links=[]), "危急值：血钾 6.8，测试患者甲 T000017"))
    await expect(nurse.page.get_by_role("region", name="危急值")).to_contain_text("测试患者甲")
    await show(nurse.page, "card-phone")


async def lock(doctor: Person) -> None:
    page = doctor.page
    await page.get_by_role("link", name="我", exact=True).click()
    await page.get_by_role("button", name="设置 PIN").click()
    for step in ("请输入六位数字", "请再输入一次"):
        await expect(page.get_by_text(step)).to_be_visible()
        await page.keyboard.type(PIN)
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.get_by_role("button", name="立即锁定").click()
    await expect(page.get_by_text("请输入 PIN")).to_be_visible()
    await show(page, "lock")


async def show(page: Page, name: str) -> None:
    """Take a picture once nothing moves any more."""
    await page.evaluate("Promise.all(document.getAnimations().map(each => each.finished.catch(() => null)))")
    FOLDER.mkdir(exist_ok=True)
    await page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
