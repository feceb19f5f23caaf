"""Somebody new sets a password, and the IT department replaces one that was forgotten."""

from __future__ import annotations

import base64

import httpx
from playwright.async_api import expect

from tests.contract.keys import CrossSigning
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


async def test_a_changed_password_opens_the_next_device(hospital: People) -> None:
    doctor = await hospital.arrive("张医生", "1001")
    await doctor.open_room("心内科")
    await doctor.say("夜班请注意 3 床。")
    await doctor.page.get_by_role("link", name="我").click()
    await doctor.page.get_by_role("button", name="更改密码").click()
    await change_password(doctor, "not the present one", "a better password")
    await expect(doctor.page.get_by_role("alert")).to_contain_text("密码不对")
    await change_password(doctor, doctor.password, "a better password")
    await expect(doctor.page.get_by_text("密码已更改")).to_be_visible()
    clinic = await on_new_device(hospital, "门诊电脑", "a better password")
    await clinic.open_room("心内科")
    await clinic.sees("请注意 3 床")
    await expect(clinic.page.get_by_role("textbox", name="之前的密码")).to_have_count(0)


async def change_password(person: Person, present: str, following: str) -> None:
    for label, typed in (("现在的密码", present), ("新密码（", following), ("再输入一次新密码", following)):
        await person.page.get_by_label(label).fill(typed)
    await person.page.get_by_role("button", name="更改密码").click()


async def on_new_device(hospital: People, device: str, password: str, number: str = "1001") -> Person:
    person = Person(device, number, password, await hospital.sit_down(device))
    await person.sign_in()
    return person


async def reset(hospital: People, number: str, password: str) -> None:
    await hospital.command("user", "password", number, "--password-stdin", stdin=f"{password}\n")


async def test_after_a_reset_the_printed_card_unlocks(hospital: People) -> None:
    doctor = await hospital.arrive("张医生", "1001")
    await doctor.open_room("心内科")
    await doctor.say("周一大查房改到八点。")
    await doctor.page.get_by_role("button", name="查看并打印").click()
    card = await doctor.page.get_by_role("dialog").locator("[data-card]").inner_text()
    await doctor.page.keyboard.press("Escape")
    await expect(doctor.page.get_by_role("button", name="查看并打印")).to_have_count(0)
    await reset(hospital, "1001", "given by IT")
    clinic = await on_new_device(hospital, "门诊电脑", "given by IT")
    await clinic.page.get_by_role("button", name="恢复卡").click()
    typed = clinic.page.get_by_label("恢复卡上的字符")
    await typed.fill("EsTb AAAA")
    await clinic.page.get_by_role("dialog").get_by_role("button", name="解锁").click()
    await expect(clinic.page.get_by_text("有字符不对")).to_be_visible()
    await typed.fill(card)
    await clinic.page.get_by_role("dialog").get_by_role("button", name="解锁").click()
    await expect(clinic.page.get_by_role("dialog")).to_have_count(0)
    await clinic.open_room("心内科")
    await clinic.sees("大查房改到八点")
    third = await on_new_device(hospital, "护士站电脑", "given by IT")
    await third.open_room("心内科")
    await third.sees("大查房改到八点")


# What the camera sees is what the story holds before it.
CAMERA = """() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 480, height: 480 });
  const context = canvas.getContext("2d");
  const paint = () => { context.fillStyle = "#888"; context.fillRect(0, 0, 480, 480);
    if (window.held) context.drawImage(window.held, 60, 60, 360, 360); };
  setInterval(paint, 50);
  window.hold = async (url) => { const image = new Image(); image.src = url; await image.decode();
    window.held = image; };
  Object.defineProperty(navigator, "mediaDevices", { value: { getUserMedia: async () => canvas.captureStream(20) } });
}"""


async def test_after_a_reset_the_older_device_unlocks(hospital: People) -> None:
    doctor = await hospital.arrive("张医生", "1001")
    await doctor.open_room("心内科")
    await doctor.say("下午三点科会。")
    await doctor.page.get_by_role("button", name="稍后").click()
    await reset(hospital, "1001", "given by IT")
    phone = Person("张医生的手机", "1001", "given by IT", await hospital.sit_down("张医生的手机", PHONE))
    await phone.page.add_init_script(f"({CAMERA})()")
    await phone.sign_in()
    await phone.page.get_by_role("button", name="另一台设备").click()
    await doctor.page.get_by_role("button", name="允许", exact=True).click()
    code = doctor.page.get_by_role("img", name="设备二维码")
    await expect(code).to_be_visible()
    picture = base64.b64encode(await code.screenshot()).decode()
    await phone.page.get_by_role("button", name="改为扫描").click()
    await phone.page.evaluate("url => hold(url)", f"data:image/png;base64,{picture}")
    await expect(phone.page.get_by_role("dialog")).to_have_count(0)
    await expect(doctor.page.get_by_role("dialog")).to_have_count(0)
    await phone.open_room("心内科")
    await phone.sees("下午三点科会")
    third = await on_new_device(hospital, "门诊电脑", "given by IT")
    await third.open_room("心内科")
    await third.sees("下午三点科会")


async def test_what_was_sent_while_no_device_was_there_is_read_afterwards(hospital: People) -> None:
    doctor = await hospital.arrive("张医生", "1001")
    nurse = await hospital.arrive("钱护士", "1005")
    await nurse.open_room("心内科")
    await nurse.say("我下班了。")
    await doctor.open_room("心内科")
    await doctor.sees("我下班了")
    await sign_out(nurse)
    await doctor.say("明早请先做 5 床的心电图。")
    await doctor.sees("5 床的心电图")
    await nurse.sign_in()
    await nurse.open_room("心内科")
    await nurse.sees("5 床的心电图")


async def sign_out(person: Person) -> None:
    await person.page.get_by_role("link", name="我").click()
    await person.page.get_by_role("button", name="退出登录").click()
    await person.page.get_by_role("dialog").get_by_role("button", name="退出登录").click()
    await expect(person.page.get_by_label("工号")).to_be_visible()


async def test_a_colleagues_new_identity_is_one_line_and_stops_nothing(hospital: People) -> None:
    doctor = await hospital.arrive("张医生", "1001")
    nurse = await hospital.arrive("钱护士", "1005")
    await doctor.open_room("心内科")
    await doctor.say("请看 3 床的血压。")
    await nurse.open_room("心内科")
    await nurse.sees("3 床的血压")
    replace_identity(hospital.url, "1005", nurse.password)
    await expect(doctor.page.get_by_text("心内科-护士-钱七 的加密身份已更换")).to_be_visible()
    await doctor.say("血压复查了吗？")
    await expect(doctor.message("血压复查了吗").get_by_text("已送达")).to_be_visible()
    await doctor.page.reload()
    await doctor.sees("血压复查了吗")
    await expect(doctor.page.get_by_text("的加密身份已更换")).to_have_count(1)


def replace_identity(url: str, number: str, password: str) -> None:
    """Somebody who knows the password publishes another identity, as a client does after everything was lost."""
    confirmation = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": number},
        "password": password,
    }
    with httpx.Client(base_url=f"{url}/_matrix/client/v3") as client:
        answer = client.post("/login", json=confirmation).raise_for_status().json()
        body = {**CrossSigning(answer["user_id"]).upload(), "auth": confirmation}
        headers = {"Authorization": f"Bearer {answer['access_token']}"}
        client.post("/keys/device_signing/upload", json=body, headers=headers).raise_for_status()
