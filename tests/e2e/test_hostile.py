"""Whatever somebody sends, everybody else reads on: it is shown safely or as a plain line, and hides no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.e2e.people import CLIENT, PHONE, People, password_of
from tests.servers import fresh_server

WARD = "测试病区"
MISSING = "mxc://hospital.test/AAAAAAAAAAAAAAAAAAAAAAAA"
SCRIPT = "<script>window.hacked = true</script><img src=x onerror='window.hacked = true'>"
NOT_TEXT: dict[str, object] = {"toString": 5, "valueOf": 5}

HOSTILE: dict[str, tuple[str, dict[str, Any]]] = {
    "a huge text": ("m.room.message", {"msgtype": "m.text", "body": "长" * 20_000}),
    "a tall text": ("m.room.message", {"msgtype": "m.text", "body": "\n" * 9_000}),
    "letters piled up": ("m.room.message", {"msgtype": "m.text", "body": "叠" + "\u0301" * 5_000}),
    "a type that is no text": ("m.room.message", {"msgtype": NOT_TEXT, "body": NOT_TEXT}),
    "a type of every object": ("m.room.message", {"msgtype": "constructor", "body": "原型"}),
    "a number for a body": ("m.room.message", {"msgtype": "m.text", "body": 5}),
    "nothing": ("m.room.message", {}),
    "a picture of nothing": ("m.room.message", {"msgtype": "m.image", "body": [], "url": 5, "info": "x"}),
    "mentions of nothing": (
        "m.room.message",
        {"msgtype": "m.text", "body": "提醒", "m.mentions": {"user_ids": [{}, 5]}},
    ),
    "a script": (
        "m.room.message",
        {"msgtype": "m.text", "body": SCRIPT, "format": "org.matrix.custom.html", "formatted_body": SCRIPT},
    ),
    "a link that deceives": (
        "m.room.message",
        {
            "msgtype": "m.text",
            "body": "见 https://hospital.test@evil.test/a 和 https://hospıtal.test/ 和 javascript:alert(1)",
            "format": "org.matrix.custom.html",
            "formatted_body": "<a href='https://evil.test'>https://hospital.test</a>",
        },
    ),
    "a name that turns": (
        "m.room.message",
        {"msgtype": "m.file", "body": "x", "filename": "检查单\u202efdp.exe", "url": MISSING, "info": {"size": -1}},
    ),
    "a picture that is not there": (
        "m.room.message",
        {"msgtype": "m.image", "body": "损坏.png", "url": MISSING, "info": {"mimetype": "image/png", "w": 0, "h": 99}},
    ),
    "a picture beyond measure": (
        "m.room.message",
        {
            "msgtype": "m.image",
            "body": "巨图.png",
            "url": MISSING,
            "info": {"mimetype": "image/png", "w": 2**40, "h": 2**40, "size": 2**45},
        },
    ),
    "a picture that is a program": (
        "m.room.message",
        {"msgtype": "m.image", "body": "图.svg", "url": MISSING, "info": {"mimetype": "image/svg+xml"}},
    ),
    "an unknown message": ("m.room.message", {"msgtype": "com.example.unknown", "body": "未知类型的文字"}),
    "an unknown event": ("com.example.unknown", {"body": "不显示"}),
    "a forged action": (
        "org.myelin.card.action",
        {"uuid": {}, "rev": "x", "m.relates_to": {"rel_type": "m.reference"}},
    ),
    "an answer to nobody": (
        "m.room.message",
        {"msgtype": "m.text", "body": "回复", "m.relates_to": {"m.in_reply_to": {"event_id": "$nobody"}}},
    ),
    "letters from the right": ("m.room.message", {"msgtype": "m.text", "body": "אבג 3 床"}),
}


@pytest.fixture
def hospital_url(tmp_path: Path, postgres_url: str) -> Iterator[str]:
    """The address of a server that lets anything through: what is encrypted, no server can look at."""
    with fresh_server(tmp_path, postgres_url, require_encryption="false") as url:
        yield url


class Attacker:
    """Somebody who speaks to the server directly."""

    def __init__(self, url: str, number: str, room_id: str) -> None:
        identifier = {"type": "m.id.user", "user": number}
        body = {"type": "m.login.password", "identifier": identifier, "password": password_of(number)}
        answer = httpx.post(f"{url}{CLIENT}/login", json=body).raise_for_status().json()
        self._http = httpx.Client(
            base_url=f"{url}{CLIENT}", headers={"Authorization": f"Bearer {answer['access_token']}"}
        )
        self._room, self._count = room_id, 0

    def send(self, event_type: str, content: dict[str, Any]) -> str:
        """Return the id of the event; nothing where the server refuses it."""
        self._count += 1
        answer = self._http.put(f"/rooms/{self._room}/send/{event_type}/t{self._count}", json=content)
        return str(answer.json().get("event_id", ""))


async def test_no_content_hides_another(people: People) -> None:
    for name, number in (("内科-医师-甲", "1001"), ("内科-护士-\u202e乙", "1005")):
        await people.employ(name, number)
    room_id = await people.make_room(WARD, "1001", "1005")
    reader, attacker = await people.arrive("甲", "1001"), Attacker(people.url, "1005", room_id)
    await reader.open_room(WARD)
    await reader.say("第一条")
    await reader.sees("第一条")
    first = await reader.page.evaluate("location.href")
    accepted = [name for name, (event_type, content) in HOSTILE.items() if attacker.send(event_type, content)]
    assert len(accepted) >= len(HOSTILE) - 2, set(HOSTILE) - set(accepted)
    attacker.send("m.room.message", {"msgtype": "m.text", "body": "最后一条"})
    await reader.sees("最后一条")

    # From below upwards: the list draws only what is near.
    log = reader.page.get_by_role("log")
    for text in ("3 床", "未知类型的文字", "巨图.png", "损坏.png", "检查单fdp.exe"):
        await reached(reader.page, text)
    await reached(reader.page, "（实际打开 evil.test）")
    await expect(log.get_by_text("（实际打开 xn--")).to_be_attached()
    assert await log.locator("a").evaluate_all("links => links.every(link => link.protocol === 'https:')")
    for text in ("<script>window.hacked", "提醒", "（没有文字）", "原型"):
        await reached(reader.page, text)
    assert await reader.page.evaluate("window.hacked") is None
    assert "\u202e" not in await reader.page.evaluate("document.body.textContent")
    await reached(reader.page, "第一条")
    await expect(log.get_by_role("button", name="展开全文").first).to_be_attached()
    assert await reader.page.evaluate("location.href") == first

    # The same for who comes later, and on a telephone nothing is wider than the screen.
    late = await people.arrive("甲的手机", "1001", PHONE)
    await late.open_room(WARD)
    await late.sees("最后一条")
    assert await late.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


async def test_an_edit_by_somebody_else_is_nothing(people: People) -> None:
    for name, number in (("内科-医师-甲", "1001"), ("内科-护士-乙", "1005")):
        await people.employ(name, number)
    room_id = await people.make_room(WARD, "1001", "1005")
    doctor, nurse = Attacker(people.url, "1001", room_id), Attacker(people.url, "1005", room_id)
    said = doctor.send("m.room.message", {"msgtype": "m.text", "body": "每日一次"})
    for sender, body in ((nurse, "每日三次"), (doctor, "每日两次")):
        new = {"msgtype": "m.text", "body": body}
        relation = {"rel_type": "m.replace", "event_id": said}
        sender.send("m.room.message", {**new, "m.new_content": new, "m.relates_to": relation})
        if sender is nurse:
            reader = await people.arrive("甲", "1001")
            await reader.open_room(WARD)
            await reader.sees("每日一次")
    await reader.sees("每日两次")
    await expect(reader.page.get_by_role("log")).not_to_contain_text("每日三次")


async def test_an_address_that_is_none_leads_back_to_the_conversations(people: People) -> None:
    await people.employ("内科-医师-甲", "1001")
    reader = await people.arrive("甲", "1001")
    await reader.page.evaluate("location.hash = '#/rooms/%E0%A4%A'")
    await reader.page.get_by_role("button", name="回到会话").click()
    await expect(reader.page.get_by_role("navigation", name="会话")).to_be_visible()
    # The browser reports what could not be drawn; that is part of the story.
    people.complaints.clear()


async def reached(page: Page, text: str) -> None:
    """Scroll up through the conversation until a text is there; the list draws only what is near."""
    log = page.get_by_role("log")
    found = log.get_by_text(text).first
    for _ in range(40):
        if await found.count():
            return
        await log.hover()
        await page.mouse.wheel(0, -400)
        await page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    await expect(found).to_be_attached(timeout=1)
