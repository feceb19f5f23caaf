"""Everybody can use every screen: axe finds nothing, in both languages and both themes; and pages stay small."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Page, expect

from myelin.wiring.routes.discovery import WEB_CLIENT
from tests.e2e.people import DESK, PHONE, People, Person, password_of

WEB = Path(__file__).resolve().parents[2] / "web"
AXE = WEB / "node_modules/axe-core/axe.min.js"
LANGUAGES = ("zh-CN", "en")
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# What WCAG 2.2 AA asks for, and what axe recommends besides.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIGN_IN_LIMIT_BYTES = 200_000
CONVERSATION_LIMIT_BYTES = 700_000
TARGET_PX = 44
# A link inside a sentence may be as small as the sentence (WCAG 2.5.8); inputs are reached by their labels too.
SMALL_TARGETS = f"""() => [...document.querySelectorAll('button, a[href], [role=button], [role=tab], input')]
    .map(element => element.closest('label') ?? (element.matches('input') ? element.parentElement : element))
    .filter(element => element.checkVisibility({{visibilityProperty: true}}))
    .map(element => [element.ariaLabel ?? element.textContent, element.getBoundingClientRect()])
    .filter(([, box]) => box.width > 1 && (box.width < {TARGET_PX} || box.height < {TARGET_PX}))
    .map(([name, box]) => `${{name}} ${{Math.round(box.width)}}x${{Math.round(box.height)}}`)"""


class Words:
    """What the interface says in a language, by the feature's name and the word's."""

    def __init__(self, language: str) -> None:
        self._folder = WEB / "locales" / language

    def __call__(self, name: str) -> str:
        feature, _, word = name.partition(".")
        said: dict[str, str] = json.loads((self._folder / f"{feature}.json").read_text())
        return said[word]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_screen_shuts_anybody_out(hospital: People, language: str, scheme: Literal["light", "dark"]) -> None:
    found: list[str] = []
    # Without movement a screen is at once what it is: axe would measure colours that are still fading in.
    context = await hospital.browser.new_context(base_url=hospital.origin, color_scheme=scheme, reduced_motion="reduce")
    await context.add_init_script(f"localStorage.setItem('myelin.language', '{language}')")
    page, say = await context.new_page(), Words(language)
    await page.set_viewport_size(DESK)
    await page.goto("/")
    await expect(page.get_by_label(say("signIn.number"))).to_be_visible()
    found += await barriers(page, "sign-in")
    await sign_in(page, say)
    found += await barriers(page, "conversations")
    await page.get_by_role("navigation", name=say("conversations.title")).get_by_text("心内科").first.click()
    await expect(page.get_by_role("heading", name="心内科")).to_be_visible()
    found += await barriers(page, "room")
    await page.get_by_role("button", name=say("room.details")).click()
    await expect(page.get_by_role("dialog").get_by_text("张三")).to_be_visible()
    found += await barriers(page, "members")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name=say("room.newGroup")).click()
    await expect(page.get_by_role("dialog").get_by_label(say("room.groupName"))).to_be_visible()
    found += await barriers(page, "new group")
    await page.keyboard.press("Escape")
    await page.get_by_role("link", name=say("navigation.people")).click()
    await page.get_by_label(say("people.search")).fill("qianqi")
    await page.get_by_role("button", name="钱七").first.click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    found += await barriers(page, "person")
    await page.keyboard.press("Escape")
    found += await barriers(page, "people")
    await page.get_by_role("link", name=say("navigation.duty")).click()
    await expect(page.get_by_role("article", name="总值班")).to_be_visible()
    found += await barriers(page, "duty")
    await page.get_by_role("link", name=say("navigation.settings")).click()
    await expect(page.get_by_role("button", name=say("settings.signOut"))).to_be_visible()
    found += await barriers(page, "settings")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("language", "scheme"), list(zip(LANGUAGES, SCHEMES, strict=True)))
async def test_unlocking_shuts_nobody_out(hospital: People, language: str, scheme: Literal["light", "dark"]) -> None:
    first = await hospital.arrive("张医生", "1001")
    found: list[str] = []
    await hospital.command("user", "password", "1001", "--password-stdin", stdin="given by IT\n")
    context = await hospital.browser.new_context(base_url=hospital.origin, color_scheme=scheme, reduced_motion="reduce")
    await context.add_init_script(f"localStorage.setItem('myelin.language', '{language}')")
    page, say = await context.new_page(), Words(language)
    await page.goto("/")
    await sign_in(page, say, "given by IT")
    await expect(page.get_by_label(say("keys.unlockPrevious"))).to_be_visible()
    found += await barriers(page, "locked")
    await page.get_by_role("button", name=say("keys.byCard")).click()
    await expect(page.get_by_label(say("keys.cardText"))).to_be_visible()
    found += await barriers(page, "card to be typed")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name=say("keys.byDevice")).click()
    found += await barriers(first.page, "asked by a new device")
    await first.page.get_by_role("button", name="允许", exact=True).click()
    await expect(page.get_by_role("img", name=say("keys.deviceCode"))).to_be_visible()
    found += await barriers(page, "code on the new device")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("language", "scheme"), list(zip(LANGUAGES, SCHEMES, strict=True)))
async def test_password_and_card_shut_nobody_out(
    hospital: People, language: str, scheme: Literal["light", "dark"]
) -> None:
    found: list[str] = []
    context = await hospital.browser.new_context(base_url=hospital.origin, color_scheme=scheme, reduced_motion="reduce")
    await context.add_init_script(f"localStorage.setItem('myelin.language', '{language}')")
    page, say = await context.new_page(), Words(language)
    await page.goto("/")
    await sign_in(page, say)
    await page.get_by_role("link", name=say("navigation.settings")).click()
    await page.get_by_role("button", name=say("keys.changePassword")).click()
    found += await barriers(page, "password")
    await page.get_by_role("button", name=say("keys.cardOpen")).click()
    await expect(page.get_by_role("dialog").get_by_label(say("keys.unlockPresent")).first).to_be_visible()
    found += await barriers(page, "card, asked for")
    await page.get_by_role("dialog").get_by_label(say("keys.unlockPresent")).first.fill(password_of("1001"))
    await page.get_by_role("button", name=say("keys.cardShow"), exact=True).click()
    await expect(page.get_by_role("dialog").locator("[data-card]")).to_be_visible()
    found += await barriers(page, "card")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("language", "scheme"), list(zip(LANGUAGES, SCHEMES, strict=True)))
async def test_a_locked_computer_shuts_out_only_strangers(
    hospital: People, language: str, scheme: Literal["light", "dark"]
) -> None:
    found: list[str] = []
    context = await hospital.browser.new_context(base_url=hospital.origin, color_scheme=scheme, reduced_motion="reduce")
    await context.add_init_script(f"localStorage.setItem('myelin.language', '{language}')")
    page, say = await context.new_page(), Words(language)
    await page.goto("/")
    await sign_in(page, say)
    await page.get_by_role("link", name=say("navigation.settings")).click()
    await page.get_by_role("button", name=say("ward.setPin")).click()
    found += await barriers(page, "new PIN")
    await page.keyboard.type("271828271828", delay=50)
    await expect(page.get_by_role("button", name=say("ward.changePin"))).to_be_visible()
    await page.get_by_role("button", name=say("ward.lockNow")).click()
    await expect(page.get_by_role("button", name=say("ward.usePassword"))).to_be_visible()
    found += await barriers(page, "PIN")
    await page.set_viewport_size(PHONE)
    found += await page.evaluate(SMALL_TARGETS)
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    await page.get_by_role("button", name=say("ward.usePassword")).click()
    found += await barriers(page, "password")
    await page.get_by_role("button", name=say("ward.change")).click()
    found += await barriers(page, "who is here")
    await page.get_by_role("button", name=say("ward.someoneElse")).click()
    found += await barriers(page, "someone else")
    assert not found, "\n".join(found)


async def barriers(page: Page, screen: str) -> list[str]:
    """Return what axe finds on the page as it is now, once nothing moves there any more."""
    await page.evaluate("Promise.all(document.getAnimations().map(each => each.finished.catch(() => null)))")
    await page.evaluate(AXE.read_text())
    found = await page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [
        f"{screen}: {violation['id']}: {node['html'][:160]} {node['failureSummary'][-160:]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


async def sign_in(page: Page, say: Words, password: str = password_of("1001")) -> None:
    await page.get_by_label(say("signIn.number")).fill("1001")
    await page.get_by_label(re.compile("^" + say("signIn.password"))).fill(password)
    await page.get_by_role("button", name=say("signIn.submit"), exact=True).click()
    await expect(page.get_by_role("navigation", name=say("conversations.title"))).to_contain_text("心内科")


async def test_a_thumb_hits_everything_on_a_phone(hospital: People) -> None:
    doctor = await hospital.arrive("张医生", "1001", PHONE)
    for place in ("通讯录", "值班", "我", "会话"):
        await doctor.page.get_by_role("link", name=place, exact=True).click()
        await expect(
            doctor.page.get_by_role("main").or_(doctor.page.get_by_role("navigation", name="会话"))
        ).to_have_count(1)
        assert await doctor.page.evaluate(SMALL_TARGETS) == [], place
    await doctor.open_room("心内科")
    assert await doctor.page.evaluate(SMALL_TARGETS) == []
    assert await doctor.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


async def test_nothing_moves_for_those_who_asked_for_that(hospital: People) -> None:
    doctor = await hospital.arrive("张医生", "1001")
    await doctor.page.emulate_media(reduced_motion="reduce")
    await doctor.open_room("心内科")
    await doctor.page.get_by_role("button", name="群信息").click()
    await expect(doctor.page.get_by_role("dialog")).to_be_visible()
    durations = await doctor.page.evaluate("document.getAnimations().map(each => each.effect.getTiming().duration)")
    assert [duration for duration in durations if duration > 10] == []


async def test_where_the_keyboard_is_can_be_seen(hospital: People) -> None:
    doctor = await hospital.arrive("张医生", "1001")
    await is_seen_to_be_focused(doctor, 12)


async def is_seen_to_be_focused(person: Person, steps: int) -> None:
    """Step through the page by Tab; each stop has an outline or a border of its own."""
    for _ in range(steps):
        await person.page.keyboard.press("Tab")
        seen = await person.page.evaluate(
            """() => { const style = getComputedStyle(document.activeElement);
                return document.activeElement === document.body || style.outlineStyle !== 'none'
                    || document.activeElement.matches('input, textarea') }"""
        )
        assert seen, await person.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


def test_the_pages_stay_small() -> None:
    at_sign_in = linked_from((WEB_CLIENT / "index.html").read_text())
    assert 0 < size(at_sign_in) <= SIGN_IN_LIMIT_BYTES
    # The conversation screen needs no page that is loaded when it is opened: what Desk and the session bring along.
    opened = [name for name in loaded_with(at_sign_in) if not re.match(r"(People|Duty|Settings)Page", name)]
    assert size(set(opened)) <= CONVERSATION_LIMIT_BYTES


def linked_from(text: str) -> set[str]:
    return set(re.findall(r"([\w.-]+\.js)\b", text)) & {file.name for file in (WEB_CLIENT / "assets").glob("*.js")}


def loaded_with(names: set[str]) -> Iterator[str]:
    """Every script that these lead to, whether at once or later."""
    seen: set[str] = set()
    while names - seen:
        name = (names - seen).pop()
        seen.add(name)
        yield name
        names |= linked_from((WEB_CLIENT / "assets" / name).read_text())


def size(names: set[str]) -> int:
    return sum(len(gzip.compress((WEB_CLIENT / "assets" / name).read_bytes(), 9)) for name in names)


@pytest.mark.parametrize(("language", "scheme"), list(zip(LANGUAGES, SCHEMES, strict=True)))
async def test_searching_and_waiting_shut_nobody_out(
    hospital: People, language: str, scheme: Literal["light", "dark"]
) -> None:
    context = await hospital.browser.new_context(base_url=hospital.origin, color_scheme=scheme, reduced_motion="reduce")
    await context.add_init_script(f"localStorage.setItem('myelin.language', '{language}')")
    page, say = await context.new_page(), Words(language)
    await page.set_viewport_size(DESK)
    await page.goto("/")
    await sign_in(page, say)
    await page.get_by_role("navigation", name=say("conversations.title")).get_by_text("心内科").first.click()
    composer = page.get_by_role("textbox", name=say("composer.label"))
    await expect(composer).to_have_attribute("placeholder", say("composer.placeholder"))
    await composer.fill("3 床血钾 6.2")
    await composer.press("Enter")
    await page.get_by_role("button", name=say("search.open")).click()
    await page.get_by_role("dialog").get_by_role("searchbox").fill("血钾")
    await expect(page.locator("[data-hit]")).to_have_count(1)
    found = await barriers(page, "search")
    await page.keyboard.press("Escape")
    await page.context.set_offline(True)
    await composer.fill("没有网络")
    await composer.press("Enter")
    await expect(page.get_by_text(say("timeline.queued"))).to_be_visible()
    found += await barriers(page, "outbox")
    assert not found, "\n".join(found)
