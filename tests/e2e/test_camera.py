"""A picture goes from the camera into the conversation and nowhere else; who reads is named over the room."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from io import BytesIO

import httpx
import pytest
from PIL import Image
from playwright.async_api import Browser, Page, expect

from tests.e2e.accessibility import barriers
from tests.e2e.conftest import chromium
from tests.e2e.people import CLIENT, PHONE, People, Person, password_of
from tests.e2e.trust import Trust

ROOM = "伤口护理"
FAKE_CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@pytest.fixture
async def browser(trust: Trust) -> AsyncIterator[Browser]:
    """Chromium with a camera that shows a moving dial, and allows it to whoever asks."""
    async with chromium(trust, *FAKE_CAMERA) as running:
        yield running


async def ward(people: People) -> tuple[Person, Person]:
    """A nurse with a telephone and a doctor at a desk, in a room that names its readers."""
    for name, number in (("内科-护士-乙", "1005"), ("内科-医师-甲", "1001")):
        await people.employ(name, number)
    identifier = {"type": "m.id.user", "user": "1005"}
    body: dict[str, object] = {"type": "m.login.password", "identifier": identifier, "password": password_of("1005")}
    token = httpx.post(f"{people.url}{CLIENT}/login", json=body).raise_for_status().json()["access_token"]
    state = {"type": "org.myelin.room", "state_key": "", "content": {"kind": "group", "watermark": True}}
    room = {"preset": "private_chat", "name": ROOM, "invite": ["@1001:hospital.test"], "initial_state": [state]}
    headers = {"Authorization": f"Bearer {token}"}
    httpx.post(f"{people.url}{CLIENT}/createRoom", json=room, headers=headers).raise_for_status()
    nurse = await people.arrive("乙", "1005", PHONE)
    doctor = await people.arrive("甲", "1001")
    for person in (nurse, doctor):
        await person.open_room(ROOM)
    return nurse, doctor


async def test_a_picture_goes_from_the_camera_into_the_conversation(people: People) -> None:
    nurse, doctor = await ward(people)
    await expect(nurse.composer).to_have_attribute("placeholder", "输入消息，回车发送")
    await nurse.page.get_by_role("button", name="拍照（不存入手机相册）").click()
    camera = nurse.page.get_by_role("dialog", name="拍照")
    view = camera.get_by_label("取景")
    await expect(view).to_be_visible()
    await playing(nurse.page)
    assert not await barriers(nurse.page, "camera-live")
    await camera.get_by_role("button", name="拍照").click()
    await expect(camera.get_by_role("img", name="刚拍的照片")).to_be_visible()
    await camera.get_by_role("button", name="重拍").click()
    await playing(nurse.page)
    await camera.get_by_role("button", name="拍照").click()
    assert not await barriers(nurse.page, "camera-taken")
    await camera.get_by_role("button", name="发送").click()
    await expect(camera).to_have_count(0)

    shown = doctor.page.get_by_role("button", name="查看图片 照片.jpg")
    await expect(shown.get_by_role("img")).to_be_visible()
    await shown.click()
    viewer = doctor.page.get_by_role("dialog")
    await expect(viewer.get_by_role("img")).to_be_visible()
    await expect(viewer.locator("[data-watermark]")).to_have_count(1)
    assert not await barriers(doctor.page, "watermark-viewer")
    async with doctor.page.expect_download() as download:
        await viewer.get_by_role("button", name="下载").click()
    content = (await (await download.value).path()).read_bytes()
    picture = Image.open(BytesIO(content))
    assert picture.format == "JPEG" and not picture.getexif() and min(picture.size) >= 400


async def test_who_reads_is_named_over_the_room(people: People) -> None:
    nurse, _ = await ward(people)
    over = nurse.page.locator("[data-watermark]")
    await expect(over).to_have_css("pointer-events", "none")
    await expect(over).to_have_css("user-select", "none")
    words = re.compile(r"1005.*\d\d%3A\d\d")
    await expect(over).to_have_css("background-image", words)
    assert "%E4%B9%99" in await over.evaluate("element => element.style.backgroundImage")
    # What lies below can be pressed and written in.
    await nurse.say("换药完成")
    await nurse.sees("换药完成")
    await nurse.page.emulate_media(media="print")
    await expect(over).to_have_css("position", "fixed")
    await expect(over).to_have_css("print-color-adjust", "exact")


async def playing(page: Page) -> None:
    """Wait until the camera shows something."""
    await page.locator("video").evaluate(
        "video => video.videoWidth || new Promise(seen => video.addEventListener('playing', seen, {once: true}))"
    )
