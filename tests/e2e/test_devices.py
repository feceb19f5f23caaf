"""Devices in words: a name of their own, signed out from elsewhere, and nothing left behind on any of them."""

from __future__ import annotations

import re

from playwright.async_api import Locator, Page, expect

from tests.e2e.people import PHONE, People, Person

# What the SDK says of a session that the server has ended.
ENDED = re.compile("Unable to refresh token|status of (401|404)")
# Everything that names a person, wherever the browser keeps it.
LEFT = """async number => {
    const places = [localStorage, sessionStorage]
        .flatMap(storage => Object.entries(storage).map(([place, text]) => place + ' ' + text))
    const databases = (await indexedDB.databases()).map(({name}) => name)
    const registration = await navigator.serviceWorker.getRegistration()
    const subscription = await registration?.pushManager?.getSubscription()
    const notifications = (await registration?.getNotifications() ?? []).map(each => each.title)
    return [...places, ...databases].filter(each => each.includes(number)).concat(notifications, subscription ?? [])
}"""


async def test_a_device_gets_a_name_and_another_is_signed_out(people: People) -> None:
    await people.employ("心内科-主治医师-李四", "1002")
    await people.make_room("心内科", "1002")
    phone = await people.arrive("李医生的手机", "1002", PHONE)
    await phone.open_room("心内科")
    await phone.say("3 床今晚复查血钾。")
    await phone.sees("3 床今晚复查血钾")
    desk = await people.arrive("护士站电脑", "1002")
    await desk.page.get_by_role("link", name="我", exact=True).click()
    own = devices(desk).filter(has_text="本机")
    await own.get_by_role("button", name="改名").click()
    await desk.page.get_by_label("设备名称").fill("护士站电脑 · Chrome")
    await desk.page.get_by_role("button", name="保存").click()
    await expect(own).to_contain_text("护士站电脑 · Chrome")
    await expect(own).to_contain_text(re.compile("上次使用.*已确认"))
    other = devices(desk).filter(has_not_text="本机").filter(has_text="已确认")
    await other.get_by_role("button", name="退出登录").click()
    dialog = desk.page.get_by_role("dialog")
    people.expected = ENDED
    await dialog.get_by_label(re.compile("^密码")).fill("not the password")
    await dialog.get_by_role("button", name="退出登录").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("密码不对")
    await dialog.get_by_label(re.compile("^密码")).fill(desk.password)
    await dialog.get_by_role("button", name="退出登录").click()
    await expect(dialog).to_have_count(0)
    await expect(other).to_have_count(0)
    await expect(phone.page.get_by_text("这台设备已被退出登录")).to_be_visible()
    assert await left(phone.page) == []
    await phone.sign_in()
    await phone.open_room("心内科")
    await phone.sees("3 床今晚复查血钾")


async def test_nothing_of_a_person_is_left_after_signing_out(people: People) -> None:
    await people.employ("心内科-主治医师-李四", "1002")
    await people.make_room("心内科", "1002")
    doctor = await people.arrive("李医生", "1002")
    await doctor.open_room("心内科")
    await doctor.say("3 床今晚复查血钾。")
    await doctor.sees("3 床今晚复查血钾")
    await doctor.composer.fill("还没有写完")
    await doctor.page.wait_for_timeout(500)
    assert await left(doctor.page) != []
    await doctor.page.get_by_role("link", name="我", exact=True).click()
    await doctor.page.get_by_role("main").get_by_role("button", name="退出登录").last.click()
    await doctor.page.get_by_role("dialog").get_by_role("button", name="退出登录").click()
    await expect(doctor.page.get_by_label("工号")).to_be_visible()
    assert await left(doctor.page) == []
    await doctor.page.reload()
    await expect(doctor.page.get_by_label("工号")).to_be_visible()
    await doctor.sign_in()


def devices(person: Person) -> Locator:
    return person.page.get_by_role("region", name="设备").get_by_role("group")


async def left(page: Page) -> list[str]:
    found: list[str] = await page.evaluate(LEFT, "1002")
    return found
