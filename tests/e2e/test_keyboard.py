"""钱七 works with the keyboard alone, and enlarges the text."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.e2e.people import People, password_of


async def test_a_day_without_a_mouse(people: People) -> None:
    await people.employ("张三", "1001")
    await people.employ("钱七", "1005")
    await people.make_room("交班", "1001", "1005")
    await people.make_room("会诊", "1001", "1005")
    page = await people.sit_down("钱七")
    await page.goto("/")
    await expect(page.get_by_label("工号")).to_be_focused()
    await page.keyboard.type("1005")
    await page.keyboard.press("Tab")
    await page.keyboard.type(password_of("1005"))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="找同事说话")).to_be_visible()

    await page.keyboard.press("Control+/")
    await expect(page.get_by_role("dialog", name="键盘快捷键")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)

    await page.keyboard.press("Alt+ArrowDown")
    await expect(page.get_by_role("heading", name="会诊")).to_be_visible()
    await page.keyboard.press("Alt+ArrowDown")
    await expect(page.get_by_role("heading", name="交班")).to_be_visible()
    composer = page.get_by_role("textbox", name="消息")
    await expect(composer).to_have_attribute("placeholder", "输入消息，回车发送")
    await composer.focus()
    await page.keyboard.type("今晚我值班")
    await page.keyboard.press("Enter")
    sent = page.get_by_role("article").filter(has_text="今晚我值班")
    await expect(sent).to_contain_text("已送达")
    await page.keyboard.press("ArrowUp")
    await expect(composer).to_have_value("今晚我值班")
    await page.keyboard.type("，明早交班")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("article").filter(has_text="今晚我值班，明早交班")).to_contain_text("已编辑")

    await enlarge_text(page)


async def enlarge_text(page: Page) -> None:
    """Go to the settings by way of the people, and have the choice outlive a reload."""
    await page.keyboard.press("Alt+2")
    await expect(page.get_by_role("heading", name="通讯录")).to_be_visible()
    await page.keyboard.press("Alt+4")
    larger = page.get_by_role("radio", name="特大")
    await larger.focus()
    await page.keyboard.press("Space")
    await expect(page.locator("html")).to_have_attribute("style", re.compile("font-size: 125%"))
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("style", re.compile("font-size: 125%"))
