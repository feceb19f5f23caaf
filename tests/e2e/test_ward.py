"""A ward's computer changes hands, rings while it is locked, and stands at the nurses' station."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.databases import new_database
from tests.e2e.conftest import DIRECTORY
from tests.e2e.people import CLIENT, People, Person, password_of
from tests.e2e.trust import Trust
from tests.servers import address_of, free_port, running, settings

PIN, OTHER_PIN, WRONG_PIN = "271828", "314159", "602214"
# Far above what it takes; what it took is printed.
PATIENCE_S = 10.0
STATION = "护士站-心内科"
# Counts what would be heard, on computers that have no loudspeaker.
EAR = """
  window.rung = 0
  const create = AudioContext.prototype.createOscillator
  AudioContext.prototype.createOscillator = function () { window.rung += 1; return create.call(this) }
"""


async def type_pin(page: Page, pin: str) -> None:
    for digit in pin:
        await page.get_by_role("button", name=digit, exact=True).click()


async def set_pin(person: Person, pin: str) -> None:
    """Choose a PIN in the settings."""
    await person.page.get_by_role("link", name="我", exact=True).click()
    # Where others use the computer, a note above the page asks for one too.
    await person.page.get_by_role("main").get_by_role("button", name="设置 PIN").click()
    await type_pin(person.page, pin)
    await expect(person.page.get_by_text("请再输入一次")).to_be_visible()
    await type_pin(person.page, pin)
    await expect(person.page.get_by_role("button", name="更换 PIN")).to_be_visible()
    await person.page.get_by_role("link", name="会话").click()


async def lock(page: Page) -> None:
    await page.keyboard.press("Control+l")
    await expect(page.get_by_role("button", name="换人").or_(page.get_by_text("谁在使用？"))).to_be_visible()


async def at_work(page: Page) -> None:
    await expect(page.get_by_role("navigation", name="会话")).to_be_visible()


async def arrive_after(page: Page, name: str, number: str) -> Person:
    """Somebody signs in on a computer that others use too."""
    await page.get_by_role("button", name="换人").click()
    await page.get_by_role("button", name="其他人").click()
    person = Person(name, number, password_of(number), page)
    await page.get_by_label("工号").fill(number)
    await page.get_by_label("密码").first.fill(person.password)
    await page.get_by_role("button", name="登录").click()
    await at_work(page)
    return person


async def test_a_computer_of_the_ward_changes_hands(people: People) -> None:
    await people.employ("心内科-护士-钱七", "1005")
    await people.employ("心内科-护士-周九", "1007")
    await people.make_room("心内科", "1005", "1007")
    qian = await people.arrive("钱护士", "1005")
    await qian.open_room("心内科")
    await qian.say("3 床已经抽血。")
    await qian.sees("3 床已经抽血")
    await set_pin(qian, PIN)
    page = qian.page
    await lock(page)
    # Locked, nothing of hers is on the page, and nothing opens without her.
    await expect(page.get_by_text("3 床")).to_have_count(0)
    await page.reload()
    await expect(page.get_by_text("请输入 PIN")).to_be_visible()
    zhou = await arrive_after(page, "周护士", "1007")
    await zhou.open_room("心内科")
    await zhou.say("收到，我来接班。")
    await set_pin(zhou, OTHER_PIN)
    await lock(page)
    await page.get_by_role("button", name="换人").click()
    await page.get_by_role("button", name="心内科-护士-钱七").click()
    started = time.monotonic()
    await type_pin(page, PIN)
    await at_work(page)
    took_s = time.monotonic() - started
    print(f"back by PIN: {took_s:.2f} s")
    assert took_s < PATIENCE_S
    await qian.open_room("心内科")
    await qian.sees("3 床已经抽血")
    await qian.sees("我来接班")
    await qian.say("好的，辛苦了。")
    await qian.sees("辛苦了")
    # Each has kept one device beside that of the story itself: nobody was signed out by locking.
    for number in ("1005", "1007"):
        assert len(await devices_of(people, number)) == 2


async def devices_of(people: People, number: str) -> list[str]:
    """The devices that somebody is signed in on."""
    headers = {"Authorization": f"Bearer {people._tokens[number]}"}
    async with httpx.AsyncClient(base_url=people.url, headers=headers) as http:
        devices = (await http.get(f"{CLIENT}/devices")).json()["devices"]
    return [each["device_id"] for each in devices if each.get("display_name") != "Dehydrated device"]


async def test_five_wrong_pins_and_then_the_password(people: People) -> None:
    await people.employ("心内科-护士-钱七", "1005")
    await people.make_room("心内科", "1005")
    qian = await people.arrive("钱护士", "1005")
    await set_pin(qian, PIN)
    page = qian.page
    await lock(page)
    for left in (4, 3, 2, 1):
        await type_pin(page, WRONG_PIN)
        await expect(page.get_by_text(f"还可以试 {left} 次")).to_be_visible()
    await type_pin(page, WRONG_PIN)
    await expect(page.get_by_text("PIN 已失效")).to_be_visible()
    await page.get_by_role("button", name="改用 PIN").click()
    await type_pin(page, PIN)
    await expect(page.get_by_text("PIN 已失效")).to_be_visible()
    await page.get_by_label("登录密码").fill("not her password")
    await page.get_by_role("button", name="打开").click()
    await expect(page.get_by_text("密码不对")).to_be_visible()
    await page.get_by_label("登录密码").fill(qian.password)
    await page.get_by_role("button", name="打开").click()
    await at_work(page)
    await qian.open_room("心内科")
    people.complaints[:] = [each for each in people.complaints if "403" not in each]


@pytest.fixture
async def ward(browser: Browser, tmp_path: Path, postgres_url: str, trust: Trust) -> AsyncIterator[People]:
    """A ward with a laboratory and a station, in which messages are not encrypted: the laboratory is a script."""
    port, database_url = free_port(), await new_database(postgres_url)
    wishes = {"require_encryption": "false", "registration": "closed", **trust.wishes}
    environment = settings(tmp_path / "data", port, database_url, **wishes)
    with running(environment, tmp_path / "output"):
        people = People(browser, address_of(environment), environment=environment)
        file = tmp_path / "directory.csv"
        file.write_text(DIRECTORY)
        await people.command("directory", "import", str(file), "--yes")
        await people.command("user", "password", "1005", "--password-stdin", stdin=f"{password_of('1005')}\n")
        await people.command("service", "add", "lab", "--title", "检验科", "--password-stdin", stdin="lab\n")
        added = ("station", "add", STATION, "--department", "内科系统/心内科", "--password-stdin")
        await people.command(*added, stdin="station\n")
        yield people
        await people.leave()
        assert people.complaints == []


class Lab:
    """The laboratory, as its system asks the server."""

    def __init__(self, url: str) -> None:
        self._http = httpx.AsyncClient(base_url=url)

    async def open_feed(self, user_id: str) -> str:
        user = {"type": "m.id.user", "user": "_lab"}
        body = {"type": "m.login.password", "identifier": user, "password": "lab"}
        token = (await self._http.post(f"{CLIENT}/login", json=body)).raise_for_status().json()["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"
        state = [{"type": "org.myelin.room", "state_key": "", "content": {"feed": "critical"}}]
        wishes = {"is_direct": True, "invite": [user_id], "initial_state": state}
        made = await self._http.post(f"{CLIENT}/createRoom", json=wishes)
        room_id: str = made.raise_for_status().json()["room_id"]
        return room_id

    async def report(self, room_id: str, number: int) -> None:
        patient = {
            "name": "测试患者甲",
            "identifiers": [{"label": "住院号", "value": "T000017"}],
            "place": "心内科 12 床",
        }
        card = {"v": 1, "kind": "critical_value", "case": f"c{number}", "rev": 0, "title": "危急值：血钾 6.8 mmol/L"}
        content = {
            "msgtype": "m.text",
            "body": "危急值：血钾 6.8 mmol/L",
            "org.myelin.card": {**card, "state": "open", "state_label": "待接收", "patient": patient},
        }
        path = f"{CLIENT}/rooms/{room_id}/send/m.room.message/t{number}"
        (await self._http.put(path, json=content)).raise_for_status()

    async def close(self) -> None:
        await self._http.aclose()


async def has_rung(page: Page, count: int) -> None:
    await page.wait_for_function(f"window.rung >= {count}")


async def test_a_locked_computer_rings_without_a_name(ward: People) -> None:
    lab = Lab(ward.url)
    feed = await lab.open_feed("@1005:hospital.test")
    qian = await ward.arrive("钱护士", "1005")
    page = qian.page
    await page.context.add_init_script(EAR)
    await set_pin(qian, PIN)
    await lock(page)
    await lab.report(feed, 1)
    await expect(page.get_by_text("1 条危急消息未读")).to_be_visible()
    await lab.report(feed, 2)
    await expect(page.get_by_text("2 条危急消息未读")).to_be_visible()
    await page.mouse.click(5, 5)
    await has_rung(page, 3)
    for secret in ("血钾", "12 床", "测试患者甲", "检验科"):
        await expect(page.get_by_text(secret)).to_have_count(0)
    await type_pin(page, PIN)
    await at_work(page)
    await qian.open_room("检验科")
    await expect(page.get_by_role("article").filter(has_text="血钾")).to_have_count(2)
    await lab.close()


async def test_a_station_rings_and_acts_for_nobody(ward: People) -> None:
    lab = Lab(ward.url)
    page = await ward.sit_down("护士站")
    await page.context.add_init_script(EAR)
    await page.goto("/")
    await page.get_by_label("工号").fill(f"_station.{STATION}")
    await page.get_by_label("密码").first.fill("station")
    await page.get_by_role("button", name="登录").click()
    await expect(page.get_by_text("没有未读的危急消息")).to_be_visible()
    feed = await lab.open_feed("@_station.=e6=8a=a4=e5=a3=ab=e7=ab=99-=e5=bf=83=e5=86=85=e7=a7=91:hospital.test")
    await lab.report(feed, 1)
    await expect(page.get_by_text("心内科 12 床")).to_be_visible()
    await page.mouse.click(5, 5)
    await has_rung(page, 3)
    # Where, and nothing of what: whoever walks by reads along.
    await expect(page.get_by_role("main").first).not_to_contain_text("血钾")
    await page.get_by_role("button", name="查看护士站").click()
    station = Person("护士站", "", "", page)
    await station.open_room("检验科")
    await expect(page.get_by_text("请用自己的账号登录后处理")).to_be_visible()
    await expect(station.composer).to_have_count(0)
    await page.keyboard.press("Control+l")
    # The nurse signs in as herself, and hands the computer back to the station by locking it.
    await page.get_by_role("button", name="其他人").click()
    await page.get_by_label("工号").fill("1005")
    await page.get_by_label("密码").first.fill(password_of("1005"))
    await page.get_by_role("button", name="登录").click()
    await at_work(page)
    qian = Person("钱护士", "1005", password_of("1005"), page)
    await set_pin(qian, PIN)
    await page.keyboard.press("Control+l")
    await expect(page.get_by_role("button", name="查看护士站")).to_be_visible()
    started = time.monotonic()
    await page.get_by_role("button", name="心内科-护士-钱七").click()
    await type_pin(page, PIN)
    await at_work(page)
    print(f"from the station to the nurse: {time.monotonic() - started:.2f} s")
    await lab.close()
