"""Whoever looks elsewhere is told who wrote, never what; muted rooms stay quiet; a push leads to its room."""

from __future__ import annotations

import asyncio
import json

from playwright.async_api import CDPSession, Page, expect

from tests.e2e.people import People, Person

SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
    .map(each => `${each.title}|${each.body}`)"""


async def test_whoever_looks_elsewhere_is_told_who_wrote(people: People) -> None:
    doctor, nurse = await doctor_and_nurse(people)
    await look_away(doctor)
    await nurse.say("3 床血钾 6.1")
    await expect(doctor.page).to_have_title("(1) Myelin")
    await shows(doctor.page, ["心内科-护士-钱七|在“心内科”发来新消息"])
    await doctor.page.get_by_role("link", name="我", exact=True).click()
    await doctor.page.get_by_text("只说有新消息").click()
    await nurse.say("已通知值班")
    await shows(doctor.page, ["Myelin|发来新消息"])
    await doctor.page.get_by_role("button", name="测试通知").click()
    await shows(doctor.page, ["Myelin|发来新消息", "Myelin|发来新消息"])
    await expect(doctor.page.get_by_text("医院没有启用离线推送")).to_be_visible()


async def test_a_muted_room_stays_quiet(people: People) -> None:
    doctor, nurse = await doctor_and_nurse(people)
    await doctor.page.get_by_role("button", name="心内科：更多操作").click()
    await doctor.page.get_by_role("menuitem", name="免打扰").click()
    await expect(doctor.page.get_by_role("navigation", name="会话").get_by_label("已静音")).to_be_visible()
    await look_away(doctor)
    await nurse.say("3 床血钾 6.1")
    await nurse.sees("3 床血钾 6.1")
    await expect(doctor.page.get_by_role("navigation", name="会话")).to_contain_text("血钾")
    await expect(doctor.page).to_have_title("Myelin")
    assert await doctor.page.evaluate(SHOWN) == []


async def test_a_push_is_shown_while_the_client_is_closed(people: People) -> None:
    doctor, _ = await doctor_and_nurse(people)
    await doctor.page.wait_for_function("() => navigator.serviceWorker.controller != null")
    worker = await doctor.page.context.new_cdp_session(doctor.page)
    registration = await registration_of(worker)
    await doctor.page.goto("about:blank")
    push = {"title": "Myelin", "body": "发来新消息", "room_id": "!a", "counts": {"unread": 2}}
    message = {"origin": people.origin, "registrationId": registration, "data": json.dumps(push)}
    await worker.send("ServiceWorker.deliverPushMessage", message)
    await doctor.page.goto("/icons/192.png")
    await shows(doctor.page, ["Myelin|发来新消息"])


async def registration_of(worker: CDPSession) -> str:
    """Return the browser's own id of the service worker's registration."""
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def note(event: dict[str, list[dict[str, str]]]) -> None:
        for registration in event["registrations"]:
            if not told.done():
                told.set_result(registration["registrationId"])

    worker.on("ServiceWorker.workerRegistrationUpdated", note)
    await worker.send("ServiceWorker.enable")
    return await asyncio.wait_for(told, 10)


async def doctor_and_nurse(people: People) -> tuple[Person, Person]:
    await people.employ("心内科-主治医师-李四", "1002")
    await people.employ("心内科-护士-钱七", "1005")
    await people.make_room("心内科", "1002", "1005")
    doctor = await people.arrive("李医生", "1002")
    await doctor.page.context.grant_permissions(["notifications"])
    nurse = await people.arrive("钱护士", "1005")
    await nurse.open_room("心内科")
    return doctor, nurse


async def look_away(person: Person) -> None:
    """Somebody works in another window."""
    await person.page.evaluate("document.hasFocus = () => false")


async def shows(page: Page, expected: list[str]) -> None:
    """Wait until these notifications are shown."""
    for _ in range(100):
        if await page.evaluate(SHOWN) == expected:
            return
        await page.wait_for_timeout(100)
    assert await page.evaluate(SHOWN) == expected
