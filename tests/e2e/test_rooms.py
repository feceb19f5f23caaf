"""A cardiologist makes a group, looks after it and finds it again; what follows the directory nobody leaves."""

from __future__ import annotations

import re

from playwright.async_api import Locator, Route, expect

from tests.e2e.people import PHONE, People, Person

STORED = """new Promise(stored => {
    const look = () => localStorage.getItem('myelin.rooms')?.includes('心内科') ? stored(true) : setTimeout(look, 50)
    look()
})"""


async def test_a_group_is_made_of_people_found_by_pinyin_and_by_department(hospital: People) -> None:
    doctor = await hospital.arrive("张医生", "1001")
    nurse = await hospital.arrive("周护士", "1007", PHONE)
    await make_group(doctor, "3 床多学科讨论", "zhoujiu")
    await doctor.say("明天 8 点讨论 3 床。")
    await nurse.open_room("3 床多学科讨论")
    await nurse.sees("明天 8 点讨论")
    other = await hospital.arrive("钱护士", "1005")
    drawer = await details(doctor)
    await expect(drawer.get_by_text("成员（2）")).to_be_visible()
    await drawer.get_by_role("button", name="添加成员").click()
    await drawer.get_by_label("按科室选择").select_option("内科系统/心内科")
    await drawer.get_by_role("checkbox", name=re.compile("钱七")).check()
    await drawer.get_by_role("button", name="添加（1 人）").click()
    await expect(drawer.get_by_text("成员（3）")).to_be_visible()
    # Whoever comes later reads what was said before.
    await other.open_room("3 床多学科讨论")
    await other.sees("明天 8 点讨论")


async def test_a_group_is_renamed_and_its_members_change(hospital: People) -> None:
    doctor = await hospital.arrive("张医生", "1001")
    nurse = await hospital.arrive("周护士", "1007")
    await make_group(doctor, "夜班", "zhoujiu")
    await nurse.open_room("夜班")
    drawer = await details(doctor)
    await drawer.get_by_label("名称").fill("夜班交接")
    await drawer.get_by_label("主题").fill("每晚九点")
    await drawer.get_by_role("button", name="保存").click()
    await expect(nurse.page.get_by_role("heading", name="夜班交接")).to_be_visible()
    await expect(nurse.page.get_by_text("每晚九点")).to_be_visible()
    await drawer.get_by_role("button", name=re.compile("周九.*管理")).click()
    await doctor.page.get_by_role("menuitem", name="设为管理员").click()
    await expect(drawer.get_by_text("管理员")).to_have_count(2)
    # Whoever looks after a group from now on may name it.
    hers = await details(nurse)
    await expect(hers.get_by_label("名称")).to_have_value("夜班交接")
    await hers.get_by_role("button", name="退出本群").click()
    await hers.get_by_role("button", name="退出", exact=True).click()
    await expect(room_list(nurse)).not_to_contain_text("夜班交接")
    await expect(drawer.get_by_text("成员（1）")).to_be_visible()


async def test_what_follows_the_directory_nobody_leaves(hospital: People) -> None:
    doctor = await hospital.arrive("张医生", "1001")
    await doctor.open_room("心内科")
    drawer = await details(doctor)
    await expect(drawer.get_by_text("不能自行加入或退出")).to_be_visible()
    # 1005 has never signed in, so nobody could encrypt anything for them.
    await expect(drawer.get_by_text("另有 1 人尚未登录过")).to_be_visible()
    await expect(drawer.get_by_role("button", name="退出本群")).to_have_count(0)
    await expect(drawer.get_by_role("button", name="添加成员")).to_have_count(0)


async def test_announcements_are_read_and_say_so(hospital: People) -> None:
    doctor = await hospital.arrive("张医生", "1001", PHONE)
    await doctor.open_room("全院公告")
    await expect(doctor.page.get_by_text("这里只供阅读")).to_be_visible()
    await expect(doctor.composer).to_have_count(0)


async def test_the_list_is_filtered_pinned_and_muted(hospital: People) -> None:
    doctor = await hospital.arrive("张医生", "1001")
    await make_group(doctor, "夜班交接", "zhoujiu")
    rows = room_list(doctor).locator("[data-row]")
    await expect(rows).to_have_count(3)
    await doctor.page.get_by_role("button", name="科室", exact=True).click()
    await expect(rows).to_have_text(re.compile("心内科"))
    await doctor.page.get_by_role("button", name="未读", exact=True).click()
    await expect(room_list(doctor).get_by_text("全部读完了")).to_be_visible()
    await doctor.page.get_by_role("button", name="查看全部会话").click()
    await change(doctor, "全院公告", "置顶")
    await expect(rows.first).to_contain_text("全院公告")
    await change(doctor, "全院公告", "消息免打扰")
    await expect(rows.first.get_by_label("已静音")).to_be_visible()
    await change(doctor, "全院公告", "恢复提醒")
    await expect(rows.first.get_by_label("已静音")).to_have_count(0)
    await change(doctor, "全院公告", "取消置顶")
    await expect(rows.first).not_to_contain_text("全院公告")


async def test_a_conversation_is_found_by_keys_alone(hospital: People) -> None:
    doctor = await hospital.arrive("张医生", "1001")
    await expect(room_list(doctor)).to_contain_text("心内科")
    await doctor.page.get_by_role("link", name="值班", exact=True).click()
    await doctor.page.keyboard.press("Control+k")
    await expect(doctor.page.get_by_label("查找会话")).to_be_focused()
    await doctor.page.keyboard.type("心内")
    await doctor.page.keyboard.press("ArrowDown")
    await doctor.page.keyboard.press("Enter")
    await expect(doctor.page.get_by_role("heading", name="心内科")).to_be_visible()


async def test_the_stored_list_is_painted_before_the_server_answers(hospital: People) -> None:
    doctor = await hospital.arrive("张医生", "1001")
    await expect(room_list(doctor)).to_contain_text("心内科")
    await doctor.page.evaluate(STORED)
    # Neither the SDK nor any answer comes; the list is there all the same.
    await doctor.page.route(re.compile(r"\.wasm|browser-index|/_matrix/"), hold)
    await doctor.page.reload()
    await expect(room_list(doctor)).to_contain_text("心内科")
    await doctor.page.unroute_all(behavior="ignoreErrors")


async def hold(_route: Route) -> None:
    """Answer nothing, as a network does that has gone."""


def room_list(person: Person) -> Locator:
    return person.page.get_by_role("navigation", name="会话")


async def make_group(person: Person, name: str, pinyin: str) -> None:
    await person.page.get_by_role("button", name="发起群聊").click()
    dialog = person.page.get_by_role("dialog")
    await dialog.get_by_label("选择同事").fill(pinyin)
    await dialog.get_by_role("checkbox").first.check()
    await dialog.get_by_label("群名称").fill(name)
    await dialog.get_by_role("button", name="建群（2 人）").click()
    await expect(person.page.get_by_role("heading", name=name)).to_be_visible()


async def details(person: Person) -> Locator:
    """The drawer of the room that is open."""
    await person.page.get_by_role("button", name="群信息").click()
    return person.page.get_by_role("dialog", name="群信息")


async def change(person: Person, room: str, what: str) -> None:
    row = room_list(person).locator("[data-row]").filter(has_text=room)
    await row.click(button="right")
    await person.page.get_by_role("menuitem", name=what, exact=True).click()
