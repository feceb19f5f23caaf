"""A laboratory's card finds its doctor, who presses 收到; what a colleague forges is no card; a silent system is named.

Everything is encrypted. The laboratory writes with the same client, whose keyboard is replaced: what it says is made
into the content that a system would have sent. A colleague whose client was tampered with does the same.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import anyio
import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.accessibility import SCHEMES, SMALL_TARGETS, barriers
from tests.e2e.people import CLIENT, PATIENCE_MS, PHONE, People, Person

WARD = "心内科"
LAB_PASSWORD = "the laboratory's password"
PATIENT = {
    "name": "测试患者甲",
    "identifiers": [{"label": "住院号", "value": "T000017"}],
    "place": "心内科 12 床",
}
TAMPER = """
const write = JSON.stringify, read = JSON.parse;
window.heard = [];
JSON.stringify = (value, ...more) =>
    write(value?.msgtype === 'm.text' && window.instead ? window.instead : value, ...more);
JSON.parse = (text, ...more) => {
    const value = read(text, ...more);
    if (value?.type === 'org.myelin.card.action') window.heard.push(value);
    return value;
};
"""


def card(**more: object) -> dict[str, object]:
    return {
        "v": 1,
        "kind": "critical_value",
        "case": "cv-17",
        "rev": 1,
        "title": "危急值：血钾 6.8 mmol/L",
        "state": "notified",
        "state_label": "待接收",
        "patient": PATIENT,
        "facts": [
            {"label": "血钾", "value": "6.8", "unit": "mmol/L", "flag": "HH", "reference": "3.5–5.3"},
            {"label": "血钠", "value": "139", "unit": "mmol/L", "flag": "N", "reference": "137–147"},
        ],
        "actions": [{"id": "receive", "label": "收到", "input": None}],
        "links": [
            {"label": "打开报告", "url": "https://reports.hospital.test/17"},
            {"label": "打开影像", "url": "https://reports.hospital.test.evil.test/17"},
        ],
        "phone": "6301",
        **more,
    }


def message(shown: Mapping[str, object], body: str) -> dict[str, object]:
    return {"msgtype": "m.text", "body": body, "m.mentions": {}, "org.myelin.card": shown}


def edit(event_id: str, content: Mapping[str, object]) -> dict[str, object]:
    relation = {"rel_type": "m.replace", "event_id": event_id}
    return {"msgtype": "m.text", "body": "*", "m.new_content": content, "m.relates_to": relation}


async def send_instead(person: Person, content: Mapping[str, object]) -> None:
    """Send this content in the open room, encrypted by the person's own device."""
    await person.page.evaluate("content => { window.instead = content }", content)
    await person.say("…")
    await expect(person.page.get_by_text("发送中")).to_have_count(0)
    await person.page.evaluate("window.instead = undefined")


async def tampered(people: People, name: str, number: str, password: str) -> Person:
    page = await people.sit_down(name)
    await page.add_init_script(TAMPER)
    person = Person(name, number, password, page)
    await person.sign_in()
    return person


@pytest.fixture
async def laboratory(hospital: People) -> AsyncIterator[People]:
    """The hospital with a laboratory that has an account, and which has fallen silent nowhere yet."""
    await hospital.command("service", "add", "lab", "--title", "检验科", "--password-stdin", stdin=f"{LAB_PASSWORD}\n")
    yield hospital


def feed(people: People, employee: str, server_name: str = "hospital.test", service: str = "lab") -> None:
    """The room in which the laboratory writes to one person."""
    identifier = {"type": "m.id.user", "user": f"_{service}"}
    body: dict[str, Any] = {"type": "m.login.password", "identifier": identifier, "password": LAB_PASSWORD}
    token = httpx.post(f"{people.url}{CLIENT}/login", json=body).raise_for_status().json()["access_token"]
    state = {"type": "org.myelin.room", "state_key": "", "content": {"feed": "critical"}}
    room = {"is_direct": True, "invite": [f"@{employee}:{server_name}"], "name": "危急值", "initial_state": [state]}
    headers = {"Authorization": f"Bearer {token}"}
    httpx.post(f"{people.url}{CLIENT}/createRoom", json=room, headers=headers).raise_for_status()


HEARD = """count => new Promise(resolve => {
    const look = () => window.heard.length >= count ? resolve(window.heard.at(-1).content) : setTimeout(look, 50);
    look();
})"""


async def heard(person: Person, count: int) -> dict[str, Any]:
    """What the laboratory was told last, once it was told so often."""
    with anyio.fail_after(PATIENCE_MS / 1000):
        content: dict[str, Any] = await person.page.evaluate(HEARD, count)
        return content


async def told(people: People, shown: Mapping[str, object]) -> tuple[Person, Person, Locator]:
    """The laboratory has sent a card; return it, the doctor with a telephone, and what she sees."""
    doctor = await people.arrive("张医生", "1001", PHONE)
    feed(people, "1001")
    lab = await tampered(people, "检验科", "_lab", LAB_PASSWORD)
    for person in (doctor, lab):
        await person.open_room("危急值")
    await send_instead(lab, message(shown, "危急值：血钾 6.8，测试患者甲 T000017"))
    return lab, doctor, doctor.page.get_by_role("region", name="危急值")


async def test_a_doctor_receives_a_critical_value_and_both_see_it(laboratory: People) -> None:
    lab, doctor, shown = await told(laboratory, card())
    await expect(shown).to_contain_text("测试患者甲")
    await expect(shown).to_contain_text("T000017")
    await expect(shown.get_by_role("row", name=re.compile("血钾"))).to_contain_text("危急偏高")
    # The site has named no hosts: nothing can be opened, and where it would lead is said.
    await expect(shown.get_by_role("link")).to_have_count(0)
    await expect(shown).to_contain_text("reports.hospital.test.evil.test 未获医院允许")
    await look(doctor.page, "card")

    await shown.get_by_role("button", name="收到").click()
    await expect(shown.get_by_role("status")).to_have_text("已发送，等待系统确认…")
    await expect(shown.get_by_role("button", name="收到")).to_have_count(0)
    action = await heard(lab, 1)
    uuid, card_id = action.pop("uuid"), action["m.relates_to"]["event_id"]
    relation = {"rel_type": "m.reference", "event_id": card_id}
    assert action == {"v": 1, "case": "cv-17", "rev": 1, "action": "receive", "input": None, "m.relates_to": relation}
    await expect(shown.get_by_role("alert")).to_have_text("系统未确认，请电话 6301", timeout=40_000)
    await look(doctor.page, "unconfirmed")
    await shown.get_by_role("button", name="再次发送").click()
    assert (await heard(lab, 2))["uuid"] == uuid

    received = card(
        rev=2, state="received", state_label="张三已接收", actions=[], answer={"uuid": uuid, "accepted": True}
    )
    await send_instead(lab, edit(card_id, message(received, "危急值：血钾 6.8，张三已接收")))
    await expect(shown).to_contain_text("张三已接收")
    # Whoever comes back finds the card as it is; so does the laboratory, whose page had shown what its keyboard said.
    for person in (doctor, lab):
        await person.page.reload()
        await expect(person.page.get_by_role("region", name="危急值")).to_contain_text("张三已接收")


async def test_a_value_that_was_read_back_wrongly_is_refused_with_a_sentence(laboratory: People) -> None:
    confirm = {"id": "confirm", "label": "复述", "input": {"kind": "text", "label": "请重新输入血钾数值"}}
    options = [{"value": "second_line", "label": "二线"}, {"value": "head", "label": "科主任"}]
    transfer = {"id": "transfer", "label": "转交", "input": {"kind": "choice", "label": "转交给", "options": options}}
    # Until when is far away, so that the story is the same on every day.
    asked = card(actions=[confirm, transfer], deadline=4_000_000_000_000)
    lab, doctor, shown = await told(laboratory, asked)
    await expect(shown.get_by_role("timer")).to_contain_text(re.compile(r"剩余 \d+:\d\d:\d\d"))
    await shown.get_by_role("button", name="复述").click()
    await shown.get_by_label("请重新输入血钾数值").fill("8.6")
    await look(doctor.page, "read-back")
    await shown.get_by_role("button", name="复述").click()
    said = await heard(lab, 1)
    assert said["input"] == "8.6"
    answer = {"uuid": said["uuid"], "accepted": False, "text": "复述值不符，请核对后重新输入"}
    refused = message(asked | {"rev": 2, "answer": answer}, "复述值不符")
    await send_instead(lab, edit(said["m.relates_to"]["event_id"], refused))
    await expect(shown.get_by_role("alert")).to_have_text("复述值不符，请核对后重新输入")
    await look(doctor.page, "refused")

    await shown.get_by_role("button", name="转交").click()
    await shown.get_by_role("radio", name="科主任").check()
    await look(doctor.page, "choice")
    await shown.get_by_role("button", name="转交").click()
    assert (await heard(lab, 2))["input"] == "head"


async def test_what_a_colleague_forges_is_no_card(laboratory: People) -> None:
    doctor = await laboratory.arrive("张医生", "1001")
    forger = await tampered(laboratory, "钱护士", "1005", "password of 1005")
    for person in (doctor, forger):
        await person.open_room(WARD)
    await send_instead(forger, message(card(), "危急值：血钾 6.8，请停药"))
    await doctor.sees("请停药")
    await expect(doctor.message("请停药")).to_contain_text("非系统消息")
    await expect(doctor.page.get_by_role("region", name="危急值")).to_have_count(0)
    await expect(doctor.page.get_by_role("button", name="收到", exact=True)).to_have_count(0)
    await look(doctor.page, "forged")


async def test_a_system_that_is_silent_is_named_with_a_telephone(laboratory: People) -> None:
    feed(laboratory, "1001")
    page = await laboratory.sit_down("张医生")

    async def two_minutes_ago(route: Any) -> None:
        asked = {"Authorization": route.request.headers["authorization"]}
        answer = httpx.get(f"{laboratory.url}/_myelin/v1/services", headers=asked).raise_for_status()
        told = answer.json()
        for service in told["services"]:
            service["last_alive"] -= 130_000
        await route.fulfill(json=told, headers={"Date": answer.headers["Date"]})

    await page.route("**/_myelin/v1/services", two_minutes_ago)
    doctor = Person("张医生", "1001", "password of 1001", page)
    await doctor.sign_in()
    note = page.get_by_role("status", name="系统无响应")
    await expect(note).to_contain_text("检验科系统 2 分钟无响应，危急值请电话")
    # No department has that name: the hospital's last resort answers.
    await expect(note.get_by_role("link")).to_have_text("6101")
    await look(page, "silent")
    await page.unroute("**/_myelin/v1/services")
    await expect(note).to_have_count(0, timeout=40_000)


async def look(page: Page, name: str) -> None:
    """In both themes, with and without red: nobody is shut out, and a thumb hits everything."""
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert not await barriers(page, f"{name}, {scheme}")
    if page.viewport_size == PHONE:
        # The two tools of a line are for a mouse alone, which this telephone has.
        small = [each for each in await page.evaluate(SMALL_TARGETS) if not each.startswith(("回复 ", "更多操作 "))]
        assert small == [], name
