"""What is written without a network waits in its place, survives a reload, and arrives once and in order."""

from __future__ import annotations

import re

from playwright.async_api import FilePayload, Route, expect

from tests.e2e.people import People, Person
from tests.e2e.test_conversation import choose

DOCTOR, NURSE, WARD = "心内科-主治医师-李四", "心内科-护士-钱七", "心内科"
WRITTEN = ("第一条：3 床血钾 6.2", "第二条：已停补钾", "第三条：请复查")
MATRIX = re.compile("/_m(atrix|yelin)/")
# The browser itself reports each request that finds no network.
WITHOUT_NETWORK = re.compile("ERR_(INTERNET_DISCONNECTED|FAILED|CONNECTION)|503|fetch failed|server versions")


async def ward(people: People) -> tuple[Person, Person]:
    for name, number in ((DOCTOR, "1002"), (NURSE, "1005")):
        await people.employ(name, number)
    await people.make_room(WARD, "1002", "1005")
    doctor, nurse = await people.arrive("李医生", "1002"), await people.arrive("钱护士", "1005")
    for person in (doctor, nurse):
        await person.open_room(WARD)
    await doctor.say("在线时的一条")
    await nurse.sees("在线时的一条")
    return doctor, nurse


def forget_the_network(people: People) -> None:
    people.complaints[:] = [each for each in people.complaints if not WITHOUT_NETWORK.search(each)]


async def refuse(route: Route) -> None:
    await route.abort()


async def test_three_written_offline_survive_a_reload_and_arrive_once(people: People) -> None:
    doctor, nurse = await ward(people)
    context = doctor.page.context
    await context.set_offline(True)
    for text in WRITTEN:
        await doctor.composer.fill(text)
        await doctor.composer.press("Enter")
        await expect(doctor.message(text)).to_contain_text("等待发送")
    await doctor.page.locator("input[type=file]").set_input_files(
        FilePayload(name="医嘱.txt", mimeType="text/plain", buffer="青霉素皮试".encode())
    )
    await expect(doctor.message("医嘱.txt")).to_contain_text("等待发送")
    # The pages come from the server still; nothing else does.
    await context.route(MATRIX, refuse)
    await context.set_offline(False)
    await doctor.page.reload()
    for text in WRITTEN:
        await expect(doctor.message(text)).to_contain_text("等待发送")
    await expect(doctor.message("医嘱.txt")).to_contain_text("等待发送")
    await context.unroute(MATRIX)
    await doctor.page.evaluate("dispatchEvent(new Event('online'))")
    for person in (doctor, nurse):
        for text in (*WRITTEN, "医嘱.txt"):
            await expect(person.message(text)).to_have_count(1)
            await expect(person.message(text)).not_to_contain_text("等待发送")
        said = [text for text in await person.page.get_by_role("article").all_inner_texts() if "条：" in text]
        assert [re.search("第.条", text).group() for text in said] == ["第一条", "第二条", "第三条"]  # type: ignore[union-attr]
    await nurse.say("收到，马上复查")
    await doctor.sees("马上复查")
    forget_the_network(people)


async def test_what_is_refused_is_sent_again_or_given_up(people: People) -> None:
    doctor, nurse = await ward(people)
    refused = re.compile("/send/")

    async def forbid(route: Route) -> None:
        await route.fulfill(status=403, json={"errcode": "M_FORBIDDEN", "error": "not today"})

    await doctor.page.route(refused, forbid)
    await doctor.page.get_by_role("button", name="重要：请大家回复收到").click()
    await doctor.say("重要的一条")
    await expect(doctor.message("重要的一条")).to_contain_text("发送失败")
    await doctor.say("不要的一条")
    await expect(doctor.message("不要的一条")).to_contain_text("没有权限")
    await doctor.page.unroute(refused)
    await doctor.message("不要的一条").get_by_role("button", name="删除", exact=True).click()
    await expect(doctor.message("不要的一条")).to_have_count(0)
    await doctor.message("重要的一条").get_by_role("button", name="重试").click()
    await expect(doctor.message("重要的一条")).to_contain_text("0/1 人已收到")
    await nurse.message("重要的一条").get_by_role("button", name="收到", exact=True).click()
    await expect(doctor.message("重要的一条")).to_contain_text("全部已收到")
    people.complaints[:] = [each for each in people.complaints if "403" not in each]


async def test_what_is_sent_is_there_however_soon_the_page_is_loaded_anew(people: People) -> None:
    doctor, nurse = await ward(people)
    said = [f"马上重新打开之前的第 {number} 条" for number in range(10)]
    for text in said:
        await doctor.say(text)
        await doctor.page.reload()
        await expect(doctor.message(text)).to_have_count(1)
        await expect(doctor.composer).to_have_value("")
    for text in said:
        await expect(nurse.message(text)).to_have_count(1)
    forget_the_network(people)


async def test_after_a_reload_without_a_network_one_goes_on_writing(people: People) -> None:
    doctor, nurse = await ward(people)
    context = doctor.page.context
    # The pages come from the server still; nothing else does.
    await context.route(MATRIX, refuse)
    await doctor.page.reload()
    await doctor.say("没有网络时写的")
    await expect(doctor.message("没有网络时写的")).to_contain_text("等待发送")
    await context.unroute(MATRIX)
    await doctor.page.evaluate("dispatchEvent(new Event('online'))")
    await nurse.sees("没有网络时写的")
    await expect(doctor.message("没有网络时写的")).not_to_contain_text("等待发送")
    forget_the_network(people)


async def test_an_edit_without_a_network_keeps_its_text(people: People) -> None:
    doctor, nurse = await ward(people)
    await choose(doctor, "在线时的一条", "编辑")
    await doctor.composer.fill("改过的一条")
    await doctor.page.context.set_offline(True)
    await doctor.composer.press("Enter")
    await expect(doctor.page.get_by_text("连接不上服务器")).to_be_visible()
    await expect(doctor.composer).to_have_value("改过的一条")
    await doctor.page.context.set_offline(False)
    await doctor.composer.press("Enter")
    await nurse.sees("改过的一条")
    await expect(doctor.composer).to_have_value("")
    forget_the_network(people)
