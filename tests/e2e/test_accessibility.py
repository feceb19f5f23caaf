"""Everybody can use every screen: axe finds nothing, in both languages and both themes; and pages stay small."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import pytest
from playwright.async_api import FilePayload, ViewportSize, expect

from myelin.wiring.routes.discovery import WEB_CLIENT
from tests.e2e.accessibility import LANGUAGES, Visitor, visitor
from tests.e2e.people import DESK, PHONE, People, Person, password_of
from tests.e2e.test_cards import LAB_PASSWORD, card, feed, message, send_instead, tampered
from tests.e2e.test_conversation import picture

SIGN_IN_LIMIT_BYTES = 200_000
CONVERSATION_LIMIT_BYTES = 700_000
PIN = "246813"
everywhere = pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
in_each_language = pytest.mark.parametrize("language", LANGUAGES)


@everywhere
@in_each_language
async def test_no_place_shuts_anybody_out(hospital: People, language: str, viewport: ViewportSize) -> None:
    async with visitor(hospital, language, viewport) as here:
        page, say = here.page, here.say
        await here.look("sign-in")
        await page.get_by_text(say("signIn.first")).click()
        await expect(page.get_by_label(say("signIn.code"))).to_be_visible()
        await here.look("activation")
        await here.sign_in()
        await here.look("conversations")
        await in_the_list(here)
        await here.go("people")
        await page.get_by_label(say("people.search")).fill("qianqi")
        await page.get_by_role("button", name="钱七").first.click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await here.look("person")
        await here.leave_dialog()
        await here.look("people")
        await here.go("duty")
        await expect(page.get_by_role("article", name="总值班")).to_be_visible()
        await here.look("duty")
        await page.keyboard.press("Control+/")
        await expect(page.get_by_role("dialog", name=say("shortcuts.title"))).to_be_visible()
        await here.look("shortcuts")
        await here.leave_dialog()
        await here.go("settings")
        await expect(page.get_by_role("button", name=say("settings.signOut"))).to_be_visible()
        await here.look("settings")


async def in_the_list(here: Visitor) -> None:
    page, say = here.page, here.say
    await here.conversations.locator("[data-row]").first.click(button="right")
    await expect(page.get_by_role("menu")).to_be_visible()
    await here.look("menu of a conversation")
    await page.keyboard.press("Escape")
    await page.get_by_label(say("conversations.search")).fill("没有这个群")
    await expect(page.get_by_role("button", name=say("conversations.showAll"))).to_be_visible()
    await here.look("nothing found")
    await here.press("conversations.showAll")
    await here.press("room.newGroup")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label(say("room.people")).fill("zhoujiu")
    await dialog.get_by_role("checkbox").first.check()
    await expect(dialog.get_by_label(say("room.groupName"))).to_be_visible()
    await here.look("new group")
    await here.leave_dialog()


@everywhere
@in_each_language
async def test_no_conversation_shuts_anybody_out(hospital: People, language: str, viewport: ViewportSize) -> None:
    await hospital.arrive("钱护士", "1005")
    async with visitor(hospital, language, viewport) as here:
        page, say = here.page, here.say
        await here.sign_in()
        await here.open_room("心内科")
        await expect(here.composer).to_have_attribute("placeholder", say("composer.placeholder"))
        await here.look("room")
        await here.press("room.details")
        await expect(page.get_by_role("dialog").get_by_text("心内科-主任医师-张三")).to_be_visible()
        await here.look("details of a room")
        await here.leave_dialog()
        await is_written_in(here)
        await here.press("search.open")
        await page.get_by_role("dialog").get_by_role("searchbox").fill("血钾")
        await expect(page.locator("[data-hit]")).to_have_count(1)
        await here.look("search")
        await here.leave_dialog()
        await page.locator("input[type=file]").set_input_files(picture())
        await page.get_by_role("button", name=say("timeline.openPicture", name="伤口.jpg")).click()
        await expect(page.get_by_role("dialog").get_by_role("img")).to_be_visible()
        await here.look("picture")
        await here.leave_dialog()
        await page.locator("input[type=file]").set_input_files(
            FilePayload(name="医嘱.txt", mimeType="text/plain", buffer="青霉素皮试".encode())
        )
        await expect(page.get_by_role("button", name=say("timeline.download", name="医嘱.txt"))).to_be_visible()
        await page.context.set_offline(True)
        await here.composer.fill("没有网络")
        await here.composer.press("Enter")
        await expect(page.get_by_text(say("timeline.queued")).first).to_be_visible()
        await here.look("picture, file and outbox")


async def is_written_in(here: Visitor) -> None:
    """Say something that asks for 收到, and look at everything that can be opened from it."""
    page, say = here.page, here.say
    await here.press("composer.important")
    await here.composer.fill("3 床血钾 6.2")
    await here.composer.press("Enter")
    line = page.get_by_role("article").filter(has_text="血钾").first
    await line.get_by_role("button", name=say("timeline.ackedCount", acked=0, asked=1)).click()
    await expect(page.get_by_role("dialog", name=say("conversation.acks.title"))).to_contain_text("钱七")
    await here.look("who has acknowledged")
    await here.leave_dialog()
    for choice, title in (("readers", "conversation.readers.title"), ("forward", "conversation.forward.title")):
        await choose(here, choice)
        await expect(page.get_by_role("dialog", name=say(title))).to_be_visible()
        await here.look(title)
        await here.leave_dialog()
    await choose(here, "edit")
    await here.look("editing")
    await page.keyboard.press("Escape")
    await choose(here, "reply")
    await here.composer.press_sequentially("@")
    await expect(page.get_by_role("option").first).to_be_visible()
    await here.look("answering and mentioning")
    await here.composer.fill("")
    await page.keyboard.press("Escape")


async def choose(here: Visitor, action: str) -> None:
    await here.page.get_by_role("article").filter(has_text="血钾").first.focus()
    await here.page.keyboard.press("Shift+F10")
    item = here.page.get_by_role("menuitem", name=here.say(f"timeline.{action}"), exact=True)
    await expect(item).to_be_visible()
    if action == "edit":
        await here.look("menu of a message")
    await item.click()


@everywhere
@in_each_language
async def test_unlocking_shuts_nobody_out(hospital: People, language: str, viewport: ViewportSize) -> None:
    first = await hospital.arrive("张医生", "1001")
    await hospital.command("user", "password", "1001", "--password-stdin", stdin="given by IT\n")
    async with visitor(hospital, language, viewport) as here:
        page, say = here.page, here.say
        await here.sign_in("given by IT")
        await expect(page.get_by_label(say("keys.unlockPrevious"))).to_be_visible()
        await here.look("locked")
        await here.press("keys.byCard")
        await expect(page.get_by_label(say("keys.cardText"))).to_be_visible()
        await here.look("card to be typed")
        await page.keyboard.press("Escape")
        await here.press("keys.byDevice")
        allow = first.page.get_by_role("button", name="允许", exact=True)
        await expect(allow).to_be_visible()
        asked = Visitor(first.page, say, False, here.found)
        await asked.look("asked by a new device")
        await allow.click()
        await expect(page.get_by_role("img", name=say("keys.deviceCode"))).to_be_visible()
        await here.look("code on the new device")
        await asked.look("code on the older device")


@everywhere
@in_each_language
async def test_password_card_and_lock_shut_nobody_out(hospital: People, language: str, viewport: ViewportSize) -> None:
    async with visitor(hospital, language, viewport) as here:
        page, say = here.page, here.say
        await here.sign_in()
        await here.go("settings")
        await here.press("keys.changePassword")
        await expect(page.get_by_label(say("keys.presentPassword"))).to_be_visible()
        await here.look("password")
        await here.press("keys.cardOpen")
        typed = page.get_by_role("dialog").get_by_label(say("keys.unlockPresent")).first
        await expect(typed).to_be_visible()
        await here.look("card, asked for")
        await typed.fill(password_of("1001"))
        await page.get_by_role("button", name=say("keys.cardShow"), exact=True).click()
        await expect(page.get_by_role("dialog").locator("[data-card]")).to_be_visible()
        await here.look("card")
        await here.leave_dialog()
        await here.press("ward.setPin")
        await expect(page.get_by_text(say("ward.step.first"))).to_be_visible()
        await here.look("setting a PIN")
        await page.keyboard.type(PIN)
        await expect(page.get_by_text(say("ward.step.again"))).to_be_visible()
        await page.keyboard.type(PIN)
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await here.press("ward.lockNow")
        await expect(page.get_by_text(say("ward.by.pin"))).to_be_visible()
        await here.look("locked by a PIN")
        await here.press("ward.change")
        await expect(page.get_by_text(say("ward.who"))).to_be_visible()
        await here.look("who is here")


@everywhere
@in_each_language
async def test_no_card_shuts_anybody_out(hospital: People, language: str, viewport: ViewportSize) -> None:
    added = ("service", "add", "lab", "--title", "检验科", "--password-stdin")
    await hospital.command(*added, stdin=f"{LAB_PASSWORD}\n")
    async with visitor(hospital, language, viewport) as here:
        page = here.page
        await here.sign_in()
        feed(hospital, "1001")
        lab = await tampered(hospital, "检验科", "_lab", LAB_PASSWORD)
        await here.open_room("危急值")
        await lab.open_room("危急值")
        read_back = {"id": "confirm", "label": "复述", "input": {"kind": "text", "label": "请重新输入血钾数值"}}
        asked = card(actions=[read_back], deadline=4_000_000_000_000)
        await send_instead(lab, message(asked, "危急值：血钾 6.8，测试患者甲 T000017"))
        shown = page.get_by_role("region").filter(has_text="测试患者甲")
        await expect(shown).to_be_visible()
        await here.look("card of a system")
        await shown.get_by_role("button", name="复述").click()
        await shown.get_by_label("请重新输入血钾数值").fill("8.6")
        await here.look("reading back")
        await shown.get_by_role("button", name="复述").click()
        await expect(shown.get_by_role("status")).to_be_visible()
        await here.look("waiting for the system")


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
