"""Somebody new sets a password, and the IT department replaces one that was forgotten."""

from __future__ import annotations

from playwright.async_api import expect

from tests.e2e.people import PHONE, People, Person


async def test_a_code_becomes_a_password(hospital: People) -> None:
    code = (await hospital.command("directory", "code", "1009")).strip()
    page = await hospital.sit_down("吴护士", PHONE)
    await page.goto("/")
    await page.get_by_role("link", name="首次登录").click()
    await page.get_by_label("工号").fill("1009")
    await page.get_by_label("激活码").fill(code)
    await page.get_by_label("设置密码").fill("short")
    await page.get_by_label("再输入一次密码").fill("short")
    await page.get_by_role("button", name="激活并登录").click()
    await expect(page.get_by_role("alert")).to_contain_text("至少要 8 位")
    for label in ("设置密码", "再输入一次密码"):
        await page.get_by_label(label).fill("a good password")
    await page.get_by_role("button", name="激活并登录").click()
    await expect(page.get_by_role("navigation", name="会话")).to_be_visible()


async def test_after_a_reset_the_previous_password_unlocks_and_the_new_one_from_then_on(hospital: People) -> None:
    doctor = await hospital.arrive("张医生", "1001")
    await doctor.open_room("心内科")
    await doctor.say("明早七点半交班。")
    await doctor.sees("明早七点半交班")
    await hospital.command("user", "password", "1001", "--password-stdin", stdin="another password\n")
    phone = Person("张医生的手机", "1001", "another password", await hospital.sit_down("张医生的手机", PHONE))
    await phone.sign_in()
    previous = phone.page.get_by_role("textbox", name="之前的密码")
    await previous.fill("not the previous one")
    await phone.page.get_by_role("button", name="解锁").click()
    await expect(phone.page.get_by_text("密码不对")).to_be_visible()
    await previous.fill(doctor.password)
    await phone.page.get_by_role("button", name="解锁").click()
    await expect(previous).to_have_count(0)
    await phone.open_room("心内科")
    await phone.sees("明早七点半交班")
    third = Person("门诊电脑", "1001", "another password", await hospital.sit_down("门诊电脑"))
    await third.sign_in()
    await third.open_room("心内科")
    await third.sees("明早七点半交班")
    await expect(third.page.get_by_role("textbox", name="之前的密码")).to_have_count(0)
