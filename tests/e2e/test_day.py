"""A day in a hospital: who is on duty, a picture that is taken back, a group of thirty, a telephone, and English."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
from playwright.async_api import Page, expect

from tests.e2e.conftest import DIRECTORY, DUTY
from tests.e2e.people import CLIENT, PHONE, People, Person, password_of
from tests.e2e.test_conversation import choose, picture

SURGEON = "1011,韩十一,外科系统/神经外科,主治医师,医,6301,\n"
ON_CALL = "神经外科-一线,1011,,,\n"
COLLEAGUES = 29
READERS = 20


async def employ_the_surgeon(hospital: People, folder: Path) -> None:
    """A neurosurgeon comes to the hospital and is put on duty, as the IT department does it."""
    directory, duty = folder / "directory.csv", folder / "duty.csv"
    directory.write_text(DIRECTORY + SURGEON)
    duty.write_text(DUTY + ON_CALL)
    await hospital.command("directory", "import", str(directory), "--yes")
    await hospital.command("duty", "import", str(duty))
    given = ("user", "password", "1011", "--password-stdin")
    await hospital.command(*given, stdin=f"{password_of('1011')}\n")


async def test_a_nurse_finds_the_neurosurgeon_on_duty_and_writes_to_her(hospital: People, tmp_path: Path) -> None:
    await employ_the_surgeon(hospital, tmp_path)
    surgeon = await hospital.arrive("韩医生", "1011", PHONE)
    nurse = await hospital.arrive("周护士", "1007")
    await nurse.page.get_by_role("link", name="值班", exact=True).click()
    await nurse.page.get_by_label("按科室或角色筛选").fill("神经外科")
    line = nurse.page.get_by_role("article")
    await expect(line).to_have_count(1)
    await expect(line).to_contain_text("韩十一")
    await line.get_by_role("button", name="发消息").click()
    await nurse.say("抢救室 2 床头部外伤，请来会诊。")
    await surgeon.open_room("急诊科-护士-周九")
    await surgeon.sees("请来会诊")
    await surgeon.say("马上到，先做头颅 CT。")
    await nurse.sees("先做头颅 CT")
    await expect(nurse.message("请来会诊")).to_contain_text("已读")


async def test_a_picture_that_should_not_have_gone_out_is_taken_back(people: People) -> None:
    doctor, nurse = await two_of_the_ward(people)
    await expect(nurse.composer).to_have_attribute("placeholder", "输入消息，回车发送")
    await nurse.page.locator("input[type=file]").set_input_files(picture())
    shown = doctor.page.get_by_role("button", name="查看图片 伤口.jpg")
    await expect(shown.get_by_role("img")).to_be_visible()
    # The line of a picture is found by its own button.
    line = nurse.page.get_by_role("article").filter(has=nurse.page.get_by_role("button", name="查看图片 伤口.jpg"))
    await expect(line).to_contain_text("已读")
    await line.focus()
    await nurse.page.keyboard.press("Shift+F10")
    await nurse.page.get_by_role("menuitem", name="撤回", exact=True).click()
    await expect(doctor.page.get_by_text(re.compile(r"钱七 撤回了一条消息 · \d\d:\d\d"))).to_be_visible()
    for person in (doctor, nurse):
        await expect(person.page.get_by_role("button", name="查看图片 伤口.jpg")).to_have_count(0)
    await doctor.page.reload()
    await expect(doctor.page.get_by_text(re.compile("钱七 撤回了一条消息"))).to_be_visible()
    await expect(doctor.page.get_by_role("button", name="查看图片 伤口.jpg")).to_have_count(0)


async def two_of_the_ward(people: People) -> tuple[Person, Person]:
    for name, number in (("心内科-主治医师-李四", "1002"), ("心内科-护士-钱七", "1005")):
        await people.employ(name, number)
    await people.make_room("心内科", "1002", "1005")
    doctor, nurse = await people.arrive("李医生", "1002"), await people.arrive("钱护士", "1005", PHONE)
    for person in (doctor, nurse):
        await person.open_room("心内科")
    return doctor, nurse


async def test_the_head_nurse_sees_who_of_thirty_has_read(people: People) -> None:
    numbers = [str(2001 + number) for number in range(COLLEAGUES)]
    await people.employ("护理部-护士长-赵六", "2000")
    for number in numbers:
        await people.employ(f"护理部-护士-同事{number}", number)
    room_id = await people.make_room("全体护士", "2000", *numbers)
    head = await people.arrive("赵护士长", "2000")
    await head.open_room("全体护士")
    await head.say("今晚 8 点消防演练，请大家准时。")
    line = head.message("消防演练")
    await expect(line).to_contain_text("已送达")
    event_id = latest_of(people, room_id, numbers[0])
    for number in numbers[:READERS]:
        read(people, room_id, event_id, number)
    await line.get_by_role("button", name=f"{READERS} 人已读").click()
    panel = head.page.get_by_role("dialog", name="阅读情况")
    has_read = panel.get_by_role("region", name=f"已读 {READERS} 人")
    await expect(has_read).to_contain_text(re.compile(r"同事2001.*\d\d:\d\d"))
    await expect(panel.get_by_role("region", name=f"未读 {COLLEAGUES - READERS} 人")).to_contain_text("同事2029")
    await head.page.keyboard.press("Escape")
    for number in numbers[READERS:]:
        read(people, room_id, event_id, number)
    await line.get_by_role("button", name="全部已读").click()
    await expect(panel.get_by_role("region", name=f"已读 {COLLEAGUES} 人")).to_contain_text("同事2029")


def latest_of(people: People, room_id: str, number: str) -> str:
    """The latest message of a room, as one of its members is told."""
    path = f"{people.url}{CLIENT}/rooms/{room_id}/messages"
    answer = httpx.get(path, params={"dir": "b", "limit": "20"}, headers=by(people, number)).raise_for_status().json()
    latest: str = next(event["event_id"] for event in answer["chunk"] if event["type"] == "m.room.encrypted")
    return latest


def read(people: People, room_id: str, event_id: str, number: str) -> None:
    path = f"{people.url}{CLIENT}/rooms/{room_id}/receipt/m.read/{event_id}"
    httpx.post(path, json={}, headers=by(people, number)).raise_for_status()


def by(people: People, number: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {people.token_of(number)}"}


async def test_a_telephone_is_enough(people: People) -> None:
    doctor, nurse = await two_of_the_ward(people)
    page = nurse.page
    await doctor.say("3 床今晚复查血钾，结果出来告诉我。")
    await nurse.sees("复查血钾")
    # One page at a time, and the way back is the telephone's own.
    await expect(page.get_by_role("navigation", name="会话")).to_have_count(0)
    await page.go_back()
    await expect(page.get_by_role("navigation", name="会话")).to_be_visible()
    await expect(nurse.composer).to_have_count(0)
    bar = await page.get_by_role("navigation", name="主菜单").bounding_box()
    assert bar is not None and bar["y"] + bar["height"] == PHONE["height"]
    await doctor.say("5 床也一起。")
    await expect(page.locator("[data-row]").filter(has_text="5 床也一起")).to_contain_text("1 条未读")
    await nurse.open_room("心内科")
    await nurse.sees("5 床也一起")
    await choose(nurse, "5 床也一起", "回复")
    await nurse.say("好的，20 点一起抽。")
    await doctor.sees("20 点一起抽")
    await page.get_by_role("button", name="返回").click()
    await page.get_by_role("button", name="心内科：更多操作").click()
    await page.get_by_role("menuitem", name="置顶").click()
    await expect(page.locator("[data-row]").first.get_by_label("已置顶")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


async def test_a_visiting_doctor_works_in_english(hospital: People) -> None:
    nurse = await hospital.arrive("钱护士", "1005", PHONE)
    page = await hospital.sit_down("张医生")
    await page.add_init_script("localStorage.setItem('myelin.language', 'en')")
    await page.goto("/")
    await page.get_by_label("Employee number").fill("1001")
    await page.get_by_label(re.compile("^Password")).fill(password_of("1001"))
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.get_by_role("link", name="See who is on duty").click()
    line = page.get_by_role("article", name="心内科-一线")
    await expect(line.get_by_role("link", name="Call 6105")).to_be_visible()
    await line.get_by_role("button", name="Write").click()
    await say_in_english(page, "Bed 3: please repeat the potassium at 8 pm.")
    await nurse.open_room("心内科-主任医师-张三")
    await nurse.sees("repeat the potassium")
    await nurse.say("好的，20 点抽血。")
    await expect(page.get_by_role("article").filter(has_text="20 点抽血")).to_be_visible()
    sent = page.get_by_role("article").filter(has_text="repeat the potassium")
    await expect(sent.get_by_role("button", name="Read", exact=True)).to_be_visible()
    await sent.focus()
    await page.keyboard.press("Shift+F10")
    await page.get_by_role("menuitem", name="Recall", exact=True).click()
    await expect(page.get_by_text(re.compile(r"You recalled a message · \d\d:\d\d"))).to_be_visible()
    await expect(nurse.page.get_by_text(re.compile(r"张三 撤回了一条消息"))).to_be_visible()
    assert not re.search("[\u4e00-\u9fff]", await page.get_by_role("navigation", name="Main menu").inner_text())


async def say_in_english(page: Page, text: str) -> None:
    composer = page.get_by_role("textbox", name="Message")
    await expect(composer).to_have_attribute("placeholder", "Write a message, Enter sends it")
    await composer.fill(text)
    await composer.press("Enter")
