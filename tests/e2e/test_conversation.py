"""What a ward does in a conversation: answers, corrects, takes back, shows a picture, asks for 收到, sees who read."""

from __future__ import annotations

import re
from io import BytesIO

from PIL import Image
from playwright.async_api import FilePayload, Locator, expect

from tests.e2e.people import PHONE, People, Person

DOCTOR, NURSE, HEAD = "心内科-主治医师-李四", "心内科-护士-钱七", "心内科-护士长-孙八"
WARD = "心内科"


async def ward(people: People) -> tuple[Person, Person]:
    """A doctor at a desk and a nurse with a telephone in one room; the head nurse is away."""
    for name, number in ((DOCTOR, "1002"), (NURSE, "1005"), (HEAD, "1006")):
        await people.employ(name, number)
    await people.make_room(WARD, "1002", "1005", "1006")
    doctor = await people.arrive("李医生", "1002")
    nurse = await people.arrive("钱护士", "1005", PHONE)
    for person in (doctor, nurse):
        await person.open_room(WARD)
    return doctor, nurse


async def choose(person: Person, text: str, action: str) -> None:
    """Open a message's menu by keyboard and choose; the answers that quote it stand below it."""
    await person.message(text).first.focus()
    await person.page.keyboard.press("Shift+F10")
    await person.page.get_by_role("menuitem", name=action, exact=True).click()


def picture() -> FilePayload:
    """A picture with a place and a camera's name in it."""
    content = BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "CAMERA-OF-A-WARD"
    Image.new("RGB", (640, 480), (15, 127, 122)).save(content, "jpeg", exif=exif)
    return FilePayload(name="伤口.jpg", mimeType="image/jpeg", buffer=content.getvalue())


async def test_a_message_is_answered_corrected_and_taken_back(people: People) -> None:
    doctor, nurse = await ward(people)
    await doctor.say("3 床今晚 8 点复查血钾。")
    await nurse.sees("复查血钾")

    await choose(nurse, "复查血钾", "回复")
    await nurse.say("好的，到点抽血。")
    answer = doctor.message("到点抽血")
    await expect(answer.get_by_role("button", name=f"跳到 {DOCTOR} 的原消息")).to_contain_text("复查血钾")
    await expect(doctor.page.get_by_text("人已读").or_(doctor.page.get_by_text("全部已读")).first).to_be_visible()

    await choose(doctor, "今晚 8 点", "编辑")
    await expect(doctor.page.get_by_role("button", name="收起编辑")).to_be_visible()
    await doctor.composer.fill("3 床今晚 9 点复查血钾。")
    await doctor.composer.press("Enter")
    await expect(nurse.message("今晚 9 点").first).to_contain_text("已编辑")

    await choose(nurse, "今晚 9 点", "回应 👍")
    mark = doctor.message("今晚 9 点").first.get_by_role("button", name="👍，1 人")
    await mark.click()
    await expect(nurse.message("今晚 9 点").first.get_by_role("button", name="👍，2 人")).to_be_visible()

    await choose(nurse, "到点抽血", "撤回")
    await expect(doctor.page.get_by_text(re.compile(f"{NURSE} 撤回了一条消息 · \\d\\d:\\d\\d"))).to_be_visible()
    await expect(doctor.message("到点抽血")).to_have_count(0)


async def test_a_picture_is_shown_and_carries_nothing_of_the_camera(people: People) -> None:
    doctor, nurse = await ward(people)
    await expect(nurse.composer).to_have_attribute("placeholder", "输入消息，回车发送")
    await nurse.page.locator("input[type=file]").set_input_files(picture())
    shown = doctor.page.get_by_role("button", name="查看图片 伤口.jpg")
    await expect(shown.get_by_role("img")).to_be_visible()
    await shown.click()
    viewer = doctor.page.get_by_role("dialog")
    await expect(viewer.get_by_role("img")).to_be_visible()
    await viewer.get_by_role("button", name="旋转").click()
    async with doctor.page.expect_download() as download:
        await viewer.get_by_role("button", name="下载").click()
    content = (await (await download.value).path()).read_bytes()
    assert content.startswith(b"\xff\xd8") and b"CAMERA-OF-A-WARD" not in content
    await viewer.get_by_role("button", name="关闭").click()

    await doctor.page.locator("input[type=file]").set_input_files(
        FilePayload(name="医嘱.txt", mimeType="text/plain", buffer="青霉素皮试".encode())
    )
    async with nurse.page.expect_download() as download:
        await nurse.page.get_by_role("button", name="下载 医嘱.txt").click()
    assert (await (await download.value).path()).read_text() == "青霉素皮试"


async def test_an_important_message_is_acknowledged_and_whoever_is_missing_is_reminded(people: People) -> None:
    doctor, nurse = await ward(people)
    await doctor.page.get_by_role("button", name="重要：请大家回复收到").click()
    await doctor.say("今天 16 点抢救演练，全员到场。")
    await nurse.message("抢救演练").get_by_role("button", name="收到", exact=True).click()
    await expect(nurse.message("抢救演练")).to_contain_text("已回复收到")

    line = doctor.message("抢救演练")
    await line.get_by_role("button", name="1/2 人已收到").click()
    panel = doctor.page.get_by_role("dialog")
    await expect(panel.get_by_role("region", name="未回复 1 人")).to_contain_text("孙八")
    await expect(panel.get_by_role("region", name="已收到 1 人")).to_contain_text("钱七")
    await panel.get_by_role("button", name="提醒未回复的人").click()
    await expect(panel.get_by_role("status")).to_have_text("已提醒")
    await panel.get_by_role("button", name="提醒未回复的人").click()
    await expect(panel.get_by_role("status")).to_have_text("刚刚提醒过，请过一分钟再试")
    # The browser itself reports each refusal; this one is part of the story.
    people.complaints[:] = [complaint for complaint in people.complaints if "429" not in complaint]
    await doctor.page.keyboard.press("Escape")

    await readers(line).click()
    panel = doctor.page.get_by_role("dialog")
    await expect(panel.get_by_role("region", name="已读 1 人")).to_contain_text("钱七")
    await expect(panel.get_by_role("region", name="未读 1 人")).to_contain_text("从未登录")


def readers(line: Locator) -> Locator:
    return line.get_by_role("button", name="1 人已读")


async def test_a_colleague_is_mentioned_by_pinyin(hospital: People) -> None:
    doctor = await hospital.arrive("张医生", "1001")
    nurse = await hospital.arrive("钱护士", "1005", PHONE)
    for person in (doctor, nurse):
        await person.open_room(WARD)
    await expect(doctor.composer).to_have_attribute("placeholder", "输入消息，回车发送")
    await doctor.composer.press_sequentially("请 @qianqi")
    await expect(nurse.page.get_by_text("张三 正在输入")).to_be_visible()
    await doctor.page.get_by_role("option", name="钱七").click()
    await doctor.composer.press_sequentially("看一下 3 床")
    await doctor.composer.press("Enter")
    line = nurse.message("看一下 3 床")
    await expect(line.locator("strong")).to_contain_text("钱七")
    await expect(line).to_have_attribute("data-mentioned", "true")


async def test_everybody_is_called_and_a_video_plays_where_it_is(people: People) -> None:
    doctor, nurse = await ward(people)
    await expect(doctor.composer).to_have_attribute("placeholder", "输入消息，回车发送")
    await doctor.composer.press_sequentially("请 @所")
    await doctor.page.get_by_role("option", name="所有人").click()
    await doctor.composer.press_sequentially("到示教室集合")
    await doctor.composer.press("Enter")
    called = nurse.message("到示教室集合")
    await expect(called.get_by_text("@所有人", exact=True)).to_be_visible()
    await expect(called).to_have_attribute("data-mentioned", "true")

    await doctor.page.locator("input[type=file]").set_input_files(
        FilePayload(name="步态.webm", mimeType="video/webm", buffer=await video(doctor))
    )
    await nurse.page.get_by_role("button", name="播放视频 步态.webm").click()
    shown = nurse.page.locator("video")
    await expect(shown).to_have_js_property("paused", False)
    assert (await shown.get_attribute("src") or "").startswith("blob:")


async def video(person: Person) -> bytes:
    """A second of a colour, recorded by the browser itself."""
    numbers: list[int] = await person.page.evaluate(
        """async () => {
            const canvas = document.createElement('canvas')
            const pen = canvas.getContext('2d')
            const recorder = new MediaRecorder(canvas.captureStream(25), {mimeType: 'video/webm'})
            const parts = []
            recorder.ondataavailable = event => parts.push(event.data)
            const ended = new Promise(resolve => { recorder.onstop = resolve })
            recorder.start()
            for (let step = 0; step < 40; step += 1) {
                pen.fillStyle = step % 2 ? 'teal' : 'white'
                pen.fillRect(0, 0, 300, 150)
                await new Promise(requestAnimationFrame)
            }
            recorder.stop()
            await ended
            return [...new Uint8Array(await new Blob(parts).arrayBuffer())]
        }"""
    )
    return bytes(numbers)
