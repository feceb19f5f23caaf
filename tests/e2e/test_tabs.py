"""One tab works at a time: a second one says so, and takes over when it is asked to."""

from __future__ import annotations

import asyncio

from playwright.async_api import expect

from tests.e2e.people import People, Person

ELSEWHERE = "已在另一个标签页打开"


async def test_a_second_tab_takes_over_and_nothing_is_lost(people: People) -> None:
    await people.employ("心内科-主治医师-李四", "1002")
    await people.employ("心内科-护士-钱七", "1005")
    await people.make_room("心内科", "1002", "1005")
    doctor = await people.arrive("李医生", "1002")
    nurse = await people.arrive("钱护士", "1005")
    for person in (doctor, nurse):
        await person.open_room("心内科")
    await doctor.say("3 床今晚复查血钾。")
    await nurse.sees("3 床今晚复查血钾")
    second = await another_tab(people, doctor)
    await expect(second.page.get_by_role("heading", name=ELSEWHERE)).to_be_visible()
    await second.page.get_by_role("button", name="在此使用").click()
    await expect(doctor.page.get_by_role("heading", name=ELSEWHERE)).to_be_visible()
    await second.open_room("心内科")
    await second.sees("3 床今晚复查血钾")
    await nurse.say("好的，20 点抽血。")
    await second.sees("20 点抽血")
    await second.say("结果出来告诉我。")
    await nurse.sees("结果出来告诉我")
    await doctor.page.get_by_role("button", name="在此使用").click()
    await expect(second.page.get_by_role("heading", name=ELSEWHERE)).to_be_visible()
    await doctor.open_room("心内科")
    await doctor.sees("结果出来告诉我")


async def test_when_the_working_tab_is_closed_the_other_goes_on(people: People) -> None:
    await people.employ("心内科-主治医师-李四", "1002")
    doctor = await people.arrive("李医生", "1002")
    second = await another_tab(people, doctor)
    await expect(second.page.get_by_role("heading", name=ELSEWHERE)).to_be_visible()
    await doctor.page.close()
    await expect(second.page.get_by_role("navigation", name="会话")).to_be_visible()


async def test_two_tabs_that_both_insist_leave_one_at_work(people: People) -> None:
    await people.employ("心内科-主治医师-李四", "1002")
    doctor = await people.arrive("李医生", "1002")
    tabs = [doctor, await another_tab(people, doctor), await another_tab(people, doctor)]
    for tab in tabs[1:]:
        await expect(tab.page.get_by_role("heading", name=ELSEWHERE)).to_be_visible()
    await asyncio.gather(*(tab.page.get_by_role("button", name="在此使用").click() for tab in tabs[1:]))
    working = [asyncio.create_task(tab.page.get_by_role("navigation", name="会话").wait_for()) for tab in tabs]
    _, others = await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    await asyncio.wait(others)
    waiting = [await tab.page.get_by_role("heading", name=ELSEWHERE).count() for tab in tabs]
    assert sum(waiting) == 2


async def another_tab(people: People, person: Person) -> Person:
    """The same person opens the client once more, in the same browser."""
    page = await person.page.context.new_page()
    people.listen(person.name, page)
    await page.goto("/")
    return Person(person.name, person.number, person.password, page)
