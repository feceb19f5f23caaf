"""A cardiologist finds a colleague by pinyin, writes to her, and looks up who is on duty."""

from __future__ import annotations

from playwright.async_api import expect

from tests.e2e.people import PHONE, People


async def test_a_colleague_is_found_by_pinyin_and_written_to(hospital: People) -> None:
    doctor = await hospital.arrive("张医生", "1001")
    nurse = await hospital.arrive("钱护士", "1005", PHONE)
    await doctor.page.get_by_role("link", name="通讯录").click()
    await doctor.page.get_by_label("搜索姓名").fill("qianqi")
    await doctor.page.get_by_role("button", name="钱七").click()
    card = doctor.page.get_by_role("dialog")
    await expect(card.get_by_text("内科系统/心内科")).to_be_visible()
    await card.get_by_role("button", name="发消息").click()
    await doctor.say("3 床血钾 5.9，请复查。")
    # She has accepted nothing: a colleague's invitation is accepted by her device.
    await nurse.open_room("心内科-主任医师-张三")
    await nurse.sees("请复查")


async def test_the_department_has_a_room_and_the_tree_shows_it(hospital: People) -> None:
    doctor = await hospital.arrive("张医生", "1001", PHONE)
    await doctor.open_room("心内科")
    await doctor.page.get_by_role("button", name="返回").click()
    await doctor.page.get_by_role("link", name="通讯录").click()
    await doctor.page.get_by_role("navigation", name="科室").get_by_role("button", name="心内科").click()
    await expect(doctor.page.get_by_role("button", name="钱七")).to_be_visible()
    await expect(doctor.page.get_by_role("button", name="周九")).to_have_count(0)


async def test_who_is_on_duty_is_two_taps_away(hospital: People) -> None:
    doctor = await hospital.arrive("张医生", "1001", PHONE)
    await doctor.page.get_by_role("link", name="值班", exact=True).click()
    line = doctor.page.get_by_role("article", name="心内科-一线")
    await expect(line).to_contain_text("钱七")
    await expect(line.get_by_role("link", name="拨打 6105")).to_have_attribute("href", "tel:6105")
