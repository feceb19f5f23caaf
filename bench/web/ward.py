"""A server with people and rooms, and their browsers: what the topics look at."""

from __future__ import annotations

import re
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
from playwright.async_api import Browser, Locator, Page, ViewportSize, async_playwright, expect

from bench.daily.site import registered, site_on
from bench.launch.running import DOMAIN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

API = "/_matrix/client/v3"
DESK = ViewportSize(width=1280, height=800)
PATIENCE_MS = 120_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ENCRYPTION = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
NO_CORES = (None, None)
ROWS = "[data-row]"

expect.set_options(timeout=PATIENCE_MS)


class Ward:
    """People with accounts, and what they do without a browser."""

    def __init__(self, client: httpx.AsyncClient, browser: Browser) -> None:
        self.client, self.browser = client, browser
        self.tokens: dict[str, str] = {}

    async def employ(self, *names: str) -> None:
        for name in names:
            self.tokens[name] = await registered(self.client, name)

    async def open_room(self, room_name: str, names: Sequence[str], *, is_encrypted: bool = True) -> str:
        """The id of a room whose members have joined."""
        first, *others = names
        invite = [f"@{name}:{DOMAIN}" for name in others]
        state = [ENCRYPTION] if is_encrypted else []
        wishes = {"name": room_name, "preset": "private_chat", "invite": invite, "initial_state": state}
        room_id = str((await self.call(first, "POST", "createRoom", wishes))["room_id"])
        for name in others:
            await self.call(name, "POST", f"join/{quote(room_id)}", {})
        return room_id

    async def say(self, name: str, room_id: str, transaction: str, text: str) -> None:
        path = f"rooms/{quote(room_id)}/send/m.room.message/{transaction}"
        await self.call(name, "PUT", path, {"msgtype": "m.text", "body": text})

    async def call(self, name: str, method: str, path: str, content: object) -> dict[str, object]:
        headers = {"Authorization": f"Bearer {self.tokens[name]}"}
        answer = await self.client.request(method, f"{API}/{path}", json=content, headers=headers)
        answer.raise_for_status()
        fields: dict[str, object] = answer.json()
        return fields

    async def sit_down(self, *scripts: str) -> Page:
        """The sign-in page in a browser that nobody has used; the scripts run before every page of it."""
        context = await self.browser.new_context(base_url=str(self.client.base_url), viewport=DESK, locale="zh-CN")
        for script in scripts:
            await context.add_init_script(script)
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        await page.goto("/")
        return page

    async def sign_in(self, page: Page, name: str) -> None:
        """Type who it is, and press the button."""
        await page.get_by_label("工号").fill(name)
        await page.get_by_label(re.compile("^密码")).fill(f"{name} of {DOMAIN}")
        await page.get_by_role("button", name="登录").click()

    async def arrive(self, name: str, *scripts: str) -> Page:
        page = await self.sit_down(*scripts)
        await self.sign_in(page, name)
        await page.get_by_role("navigation", name="会话").wait_for()
        return page


@asynccontextmanager
async def ward(place: Path) -> AsyncIterator[Ward]:
    """A server whose cores the browser shares, as two people's machines and a server are one here."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    with site_on(NO_CORES, place) as started:
        async with httpx.AsyncClient(base_url=started.url, timeout=60) as client, async_playwright() as playwright:
            # As root, and in containers, Chromium has no sandbox; what it loads here is ours alone.
            options = ["--no-sandbox", "--enable-precise-memory-info", "--js-flags=--expose-gc"]
            browser = await playwright.chromium.launch(executable_path=executable, args=options)
            yield Ward(client, browser)
            await browser.close()


async def open_room(page: Page, name: str) -> None:
    """Choose a conversation in the list, and wait until its messages can be written to."""
    await page.get_by_role("navigation", name="会话").locator(ROWS).filter(has_text=name).click()
    await expect(composer(page)).to_have_attribute("placeholder", "输入消息，回车发送")


def composer(page: Page) -> Locator:
    return page.get_by_role("textbox", name="消息")
