"""A message is found by its words: an older one, an edited one, in one conversation and in all; no recalled one."""

from __future__ import annotations

import re

from playwright.async_api import Locator, expect

from tests.e2e.people import PHONE, People, Person
from tests.e2e.test_conversation import choose

DOCTOR, NURSE, WARD, NIGHT = "心内科-主治医师-李四", "心内科-护士-钱七", "心内科", "夜班交接"
FILLERS = 45


async def staff(people: People) -> None:
    for name, number in ((DOCTOR, "1002"), (NURSE, "1005")):
        await people.employ(name, number)
    for room in (WARD, NIGHT):
        await people.make_room(room, "1002", "1005")


async def say_all(person: Person, texts: list[str]) -> None:
    for text in texts:
        await person.say(text)
    await expect(person.message(texts[-1])).to_contain_text(re.compile("已送达|已读"))


def panel(person: Person) -> Locator:
    return person.page.get_by_role("dialog")


def hits(person: Person) -> Locator:
    return panel(person).locator("[data-hit]")


async def look_for(person: Person, words: str) -> None:
    await panel(person).get_by_role("searchbox").fill(words)


async def day(people: People) -> Person:
    """A doctor's day in two conversations: something edited, something taken back, and much after that."""
    await staff(people)
    doctor = await people.arrive("李医生", "1002")
    await doctor.open_room(NIGHT)
    await say_all(doctor, ["夜班：5 床血钾偏低", "护士站电话 6105"])
    await doctor.open_room(WARD)
    await say_all(doctor, ["3 床血钾 6.2，请复查", "明早查血糖", "错发的一条血压"])
    await choose(doctor, "明早查血糖", "编辑")
    await expect(doctor.page.get_by_role("button", name="收起编辑")).to_be_visible()
    await doctor.composer.fill("明早查胸片")
    await doctor.composer.press("Enter")
    await choose(doctor, "错发的一条", "撤回")
    await say_all(doctor, [f"第 {number} 条交班记录" for number in range(FILLERS)])
    return doctor


async def test_what_was_said_is_found_and_shown_where_it_was(people: People) -> None:
    doctor = await day(people)
    await doctor.page.keyboard.press("Control+f")
    await look_for(doctor, "血钾")
    await expect(hits(doctor)).to_have_count(1)
    await expect(hits(doctor).locator("mark")).to_have_text("血钾")
    for words, count in (("胸片", 1), ("血糖", 0), ("血压", 0), ("钾血", 0), (".*", 0), ("血" * 1000, 0)):
        await look_for(doctor, words)
        await expect(hits(doctor)).to_have_count(count)
        await expect(panel(doctor).get_by_role("status")).to_have_text("没有找到" if count == 0 else f"找到 {count} 条")
    await look_for(doctor, "血钾")
    await hits(doctor).click()
    await expect(panel(doctor)).to_have_count(0)
    await expect(doctor.message("3 床血钾 6.2")).to_be_in_viewport()

    # In all conversations, from the field above the list.
    await doctor.page.keyboard.press("Control+k")
    await doctor.page.keyboard.type("血钾")
    await doctor.page.get_by_role("button", name="搜索消息“血钾”").click()
    await expect(hits(doctor)).to_have_count(2)
    await hits(doctor).filter(has_text=NIGHT).click()
    await expect(doctor.page.get_by_role("heading", name=NIGHT)).to_be_visible()
    await expect(doctor.message("5 床血钾偏低")).to_be_in_viewport()


async def test_a_new_telephone_says_how_far_it_has_searched_and_goes_on(people: People) -> None:
    await day(people)
    phone = await people.arrive("李医生的手机", "1002", PHONE)
    await phone.page.get_by_role("searchbox", name="查找会话").fill("血钾")
    await phone.page.get_by_role("button", name="搜索消息“血钾”").click()
    await expect(hits(phone)).to_have_count(1)
    await panel(phone).get_by_role("button", name=re.compile("已搜索到 .*，继续向前")).click()
    await expect(hits(phone).filter(has_text="3 床血钾")).to_have_count(1)
    await expect(panel(phone).get_by_text("已搜索全部消息")).to_be_visible()
    await look_for(phone, "胸片")
    await expect(hits(phone)).to_have_count(1)
    await hits(phone).click()
    await expect(phone.message("明早查胸片")).to_be_in_viewport()
    # What it has learnt is there after a reload.
    await phone.page.wait_for_timeout(4000)
    await phone.page.reload()
    await phone.page.get_by_role("button", name="搜索本会话").click()
    await look_for(phone, "血钾")
    await expect(hits(phone)).to_have_count(1)
    await expect(panel(phone).get_by_text("已搜索全部消息")).to_be_visible()


async def test_whoever_was_away_begins_at_what_is_new(people: People) -> None:
    await staff(people)
    doctor = await people.arrive("李医生", "1002")
    nurse = await people.arrive("钱护士", "1005")
    await nurse.open_room(WARD)
    await doctor.open_room(WARD)
    await say_all(doctor, ["已经读过的一条"])
    await nurse.sees("已经读过的一条")
    await nurse.open_room(NIGHT)
    await say_all(doctor, [f"第 {number} 条新消息" for number in range(30)])
    await nurse.open_room(WARD)
    await expect(nurse.page.get_by_text("以下是新消息")).to_be_in_viewport()
    await expect(nurse.message("第 0 条新消息")).to_be_in_viewport()
    await nurse.page.get_by_role("button", name="回到最新").click()
    await expect(nurse.message("第 29 条新消息")).to_be_in_viewport()
    await nurse.page.get_by_role("button", name="30 条未读", exact=True).click()
    await expect(nurse.page.get_by_text("以下是新消息")).to_be_in_viewport()
