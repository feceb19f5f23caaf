"""The people of the stories in the browser: what one of them sees and does, in the words on the screen."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, ViewportSize, expect

from tests.database.test_command_line import myelin
from tests.e2e.trust import HOST

CLIENT = "/_matrix/client/v3"
DESK = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=844)
# A first sign-in makes keys and asks for the whole list; CI's machines are slow.
PATIENCE_MS = 30_000
# The browser itself reports each 404 of what a new account does not have yet, and each request without a network.
EXPECTED = re.compile(
    r"Failed to load resource: (the server responded with a status of (401|404)|net::ERR_INTERNET)"
    r"|sync /sync error %s ConnectionError"
)

expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Person:
    """Somebody in front of a screen."""

    name: str
    number: str
    password: str
    page: Page

    async def sign_in(self) -> None:
        await self.page.goto("/")
        await self.page.get_by_label("工号").fill(self.number)
        await self.page.get_by_label(re.compile("^密码")).fill(self.password)
        await self.page.get_by_role("button", name="登录").click()
        await expect(self.page.get_by_role("navigation", name="会话")).to_be_visible()

    async def open_room(self, name: str) -> None:
        await self.page.get_by_role("navigation", name="会话").locator("[data-row]").filter(has_text=name).click()
        await expect(self.page.get_by_role("heading", name=name)).to_be_visible()

    async def say(self, text: str) -> None:
        await expect(self.composer).to_have_attribute("placeholder", "输入消息，回车发送")
        await self.composer.fill(text)
        await self.composer.press("Enter")

    async def sees(self, text: str) -> None:
        await expect(self.message(text)).to_be_visible()

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name="消息")

    def message(self, text: str) -> Locator:
        return self.page.get_by_role("article").filter(has_text=text)


@dataclass
class People:
    """Everybody of one story, each in a browser profile of their own; `complaints` is what their consoles said.

    Scripts talk to the server at `url`, by its address; browsers know it by the hospital's name.
    """

    browser: Browser
    url: str
    complaints: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    # What this story provokes.
    expected: re.Pattern[str] = EXPECTED
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """What the browsers open."""
        return self.url.replace("127.0.0.1", HOST) if self.url.startswith("https") else self.url

    async def employ(self, name: str, number: str) -> None:
        """Give somebody an account."""
        body = {"username": number, "password": password_of(number), "auth": {"type": "m.login.dummy"}}
        answer = httpx.post(f"{self.url}{CLIENT}/register", json=body).raise_for_status().json()
        headers = {"Authorization": f"Bearer {answer['access_token']}"}
        profile = f"{self.url}{CLIENT}/profile/{answer['user_id']}/displayname"
        httpx.put(profile, json={"displayname": name}, headers=headers).raise_for_status()
        self._tokens[number] = answer["access_token"]

    def token_of(self, number: str) -> str:
        """What a script says who it is with, in this person's name."""
        return self._tokens[number]

    async def make_room(self, name: str, *numbers: str) -> str:
        """A room of these people, made by the first."""
        first, *others = numbers
        invite = [f"@{number}:hospital.test" for number in others]
        body = {"preset": "private_chat", "name": name, "invite": invite}
        room_id: str = self._post(first, "/createRoom", body)["room_id"]
        for number in others:
            self._post(number, f"/join/{room_id}", {})
        return room_id

    async def arrive(self, name: str, number: str, viewport: ViewportSize = DESK) -> Person:
        """Somebody sits down and signs in."""
        person = Person(name, number, password_of(number), await self.sit_down(name, viewport))
        await person.sign_in()
        return person

    async def sit_down(self, name: str, viewport: ViewportSize = DESK) -> Page:
        """Somebody opens a browser that nobody has used."""
        context = await self.browser.new_context(base_url=self.origin, viewport=viewport, locale="zh-CN")
        page = await context.new_page()
        self.listen(name, page)
        return page

    def listen(self, name: str, page: Page) -> None:
        """Note whatever this page complains of."""
        page.on("console", lambda message: self._note(name, message))
        page.on("pageerror", lambda error: self.complaints.append(f"{name}: {error}"))

    async def command(self, *arguments: str, stdin: str = "") -> str:
        """Run the server's command line, as the IT department does, and return what it says."""
        done = await asyncio.to_thread(myelin, self.environment, *arguments, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout

    async def leave(self) -> None:
        for context in self.browser.contexts:
            await context.close()

    def _note(self, name: str, message: ConsoleMessage) -> None:
        if message.type == "error" and not self.expected.search(message.text):
            self.complaints.append(f"{name}: {message.text}")

    def _post(self, number: str, path: str, body: Mapping[str, object]) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self._tokens[number]}"}
        answer: dict[str, str] = (
            httpx.post(f"{self.url}{CLIENT}{path}", json=dict(body), headers=headers).raise_for_status().json()
        )
        return answer


def password_of(number: str) -> str:
    return f"password of {number}"
