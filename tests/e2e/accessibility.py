"""What a screen is asked before anybody meets it: axe in both themes, and on a telephone the size of what is touched.

Owns the questions. Which screens there are, and how one comes to them, is the tests' affair.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.async_api import Locator, Page, ViewportSize, expect

from tests.e2e.people import PHONE, People, password_of

WEB = Path(__file__).resolve().parents[2] / "web"
AXE = WEB / "node_modules/axe-core/axe.min.js"
LANGUAGES = ("zh-CN", "en")
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# What WCAG 2.2 AA asks for, and what axe recommends besides.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TARGET_PX = 44
# A link inside a sentence may be as small as the sentence (WCAG 2.5.8); inputs are reached by their labels too.
SMALL_TARGETS = f"""() => [...document.querySelectorAll('button, a[href], [role=button], [role=tab], input')]
    .map(element => element.matches('[type=checkbox], [type=radio]') ? element.labels[0] ?? element : element)
    .map(element => element.closest('label') ?? (element.matches('input') ? element.parentElement : element))
    .filter(element => element.checkVisibility({{visibilityProperty: true}}))
    .map(element => [element.ariaLabel ?? element.textContent, element.getBoundingClientRect()])
    .filter(([, box]) => box.width > 1 && (box.width < {TARGET_PX} || box.height < {TARGET_PX}))
    .map(([name, box]) => `${{name}} ${{Math.round(box.width)}}x${{Math.round(box.height)}}`)"""
# Menus and dialogs lie above everything and have the keyboard: nobody looks for them among the landmarks.
REGION = "axe.configure({rules: [{id: 'region', selector: 'body *:not([data-portal], [data-portal] *)'}]})"
SHOWN_IN = "scheme => document.documentElement.dataset.mantineColorScheme === scheme"
STILL = "Promise.all(document.getAnimations().map(each => each.finished.catch(() => null)))"


class Words:
    """What the interface says in a language, by the feature's name and the word's."""

    def __init__(self, language: str) -> None:
        self._folder = WEB / "locales" / language

    def __call__(self, word: str, /, **values: object) -> str:
        feature, *path = word.split(".")
        said = json.loads((self._folder / f"{feature}.json").read_text())
        for step in path:
            said = said[step]
        return re.sub(r"{{(\w+)}}", lambda match: str(values[match[1]]), str(said))


@dataclass
class Visitor:
    """Somebody who looks at screens, in a language and at a screen of a size, and notes what is wrong with them."""

    page: Page
    say: Words
    is_on_phone: bool
    found: list[str] = field(default_factory=list)

    async def sign_in(self, password: str = password_of("1001")) -> None:
        page, say = self.page, self.say
        await page.goto("/")
        await page.get_by_label(say("signIn.number")).fill("1001")
        await page.get_by_label(re.compile("^" + say("signIn.password"))).fill(password)
        await page.get_by_role("button", name=say("signIn.submit"), exact=True).click()
        await expect(self.conversations).to_contain_text("心内科")

    @property
    def conversations(self) -> Locator:
        return self.page.get_by_role("navigation", name=self.say("conversations.title"))

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name=self.say("composer.label"))

    async def open_room(self, name: str) -> None:
        await self.conversations.locator("[data-row]").filter(has_text=name).click()
        await expect(self.page.get_by_role("heading", name=name)).to_be_visible()

    async def press(self, word: str) -> None:
        await self.page.get_by_role("button", name=self.say(word), exact=True).first.click()

    async def go(self, place: str) -> None:
        await self.page.get_by_role("link", name=self.say(f"navigation.{place}"), exact=True).click()

    async def leave_dialog(self) -> None:
        await self.page.keyboard.press("Escape")
        await expect(self.page.get_by_role("dialog")).to_have_count(0)

    async def look(self, screen: str) -> None:
        """Note what shuts somebody out of the page as it is now."""
        for scheme in SCHEMES:
            await self.page.emulate_media(color_scheme=scheme)
            await self.page.wait_for_function(SHOWN_IN, arg=scheme)
            self.found += [f"{scheme} {each}" for each in await barriers(self.page, screen)]
        if self.is_on_phone:
            self.found += [f"{screen}: {each}" for each in await self.page.evaluate(SMALL_TARGETS)]
            width = await self.page.evaluate("document.documentElement.scrollWidth")
            self.found += [f"{screen}: {width} px wide"] if width > PHONE["width"] else []


@asynccontextmanager
async def visitor(people: People, language: str, viewport: ViewportSize) -> AsyncIterator[Visitor]:
    """Somebody in front of the sign-in page; in the end, nothing was wrong with any screen."""
    # Without movement a screen is at once what it is: axe would measure colours that are still fading in.
    is_on_phone = viewport == PHONE
    context = await people.browser.new_context(
        base_url=people.origin,
        viewport=viewport,
        reduced_motion="reduce",
        has_touch=is_on_phone,
        is_mobile=is_on_phone,
    )
    await context.add_init_script(f"localStorage.setItem('myelin.language', '{language}')")
    page = await context.new_page()
    people.listen("visitor", page)
    visitor = Visitor(page, Words(language), is_on_phone)
    await page.goto("/")
    await expect(page.get_by_label(visitor.say("signIn.number"))).to_be_visible()
    yield visitor
    assert not visitor.found, "\n".join(visitor.found)


async def barriers(page: Page, screen: str) -> list[str]:
    """Return what axe finds on the page as it is now, once nothing moves there any more."""
    await page.evaluate(STILL)
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text())
        await page.evaluate(REGION)
    # What an open menu covers by half is not there to be touched.
    found = await page.evaluate(
        "rules => axe.run(document.querySelector('[role=menu]') ?? document, {runOnly: rules})", RULES
    )
    return [
        f"{screen}: {violation['id']}: {node['html'][:160]} {node['failureSummary'][-160:]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
