"""Devices are rung for what notifies their person, by a real gateway: once, soon, and with nothing of the content."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from myelin.actions.account_data import Place, set_account_data
from myelin.actions.create_room import NewRoom, create_room
from myelin.actions.pushers import NewPusher, set_pusher
from myelin.actions.send_event import send_event
from myelin.actions.sender import Sender
from myelin.actions.sessions import sign_out
from myelin.entries.items import Receipt
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import room_version
from myelin.push.outbox import NOTES_LIMIT
from myelin.rules.default_push_rules import default_ruleset
from myelin.rules.push import add_rule
from tests.cores import Core, running_core
from tests.gateways import PushGateway, fails, plain, push_gateway, rejects

pytestmark = [pytest.mark.database, pytest.mark.anyio]

APP = "org.example.app"


class Story:
    """Wang speaks, Li has a phone."""

    def __init__(self, core: Core, gateway: PushGateway, wang: Sender, li: Sender, room_id: str) -> None:
        self.core, self.gateway, self.wang, self.li, self.room_id = core, gateway, wang, li, room_id
        self.count = 0
        self.own_rules = default_ruleset(li.user_id)

    async def rings(self, person: Sender, pushkey: str, url: str | None = None, **more: Any) -> None:
        """Have a person rung at the gateway."""
        data: JsonObject = {"url": url or self.gateway.url, "format": "event_id_only", **more}
        pusher = NewPusher(
            app_id=APP, pushkey=pushkey, app_display_name="App", device_display_name="Phone", lang="zh", data=data
        )
        await self.core.pool.submit(set_pusher(person, pusher))

    async def say(self, text: str = "K+ 6.8", room_id: str | None = None, **more: Any) -> str:
        self.count += 1
        content: JsonObject = {"msgtype": "m.text", "body": text, **more}
        proposal = send_event(self.wang, room_id or self.room_id, "m.room.message", content, str(self.count))
        return await self.core.pool.submit(proposal)

    async def reads(self, event_id: str) -> None:
        (entry,) = [each for each in await self.core.log() if each.event_id == event_id]
        receipt = Receipt(self.li.user_id, self.li.device_id, self.room_id, event_id, entry.position, entry.at)
        await self.core.built.receipts.record(receipt)

    async def rules(self, kind: str, rule_id: str, **rule: Any) -> None:
        self.own_rules = add_rule(self.own_rules, kind, rule_id, rule)
        content = cast(JsonObject, self.own_rules)
        await self.core.pool.submit(set_account_data(self.li, Place("m.push_rules"), content))

    async def pushers(self) -> list[str]:
        return [pusher.pushkey for pusher in await self.core.built.push.pushers.of(self.li.user_id)]

    async def has_pushers(self, *pushkeys: str) -> None:
        """Return when Li has these pushers and no others."""
        async with asyncio.timeout(20):
            while await self.pushers() != list(pushkeys):  # noqa: ASYNC110  # another task removes them
                await asyncio.sleep(0.02)


@asynccontextmanager
async def story(database_url: str, tmp_path: Path, **wishes: Any) -> AsyncIterator[Story]:
    async with push_gateway() as gateway:
        async with running_core(database_url, tmp_path, push_gateways=(gateway.origin,), **wishes) as core:
            wang, li = await core.person("wang"), await core.person("li")
            yield Story(core, gateway, wang, li, await core.room(wang, li))


async def test_a_message_rings_with_nothing_of_its_content(database_url: str, tmp_path: Path) -> None:
    async with story(database_url, tmp_path) as li:
        await li.say("before the phone was there")
        await li.rings(li.li, "phone", brand="X")
        await li.rings(li.wang, "phone of wang")
        event_id = await li.say()
        told = await li.gateway.of(event_id)
        (device,) = told.notification["devices"]
        assert told.notification == {
            "event_id": event_id,
            "room_id": li.room_id,
            "prio": "high",
            "counts": {"unread": 2},
            "devices": [device],
        }
        assert (device["app_id"], device["pushkey"]) == (APP, "phone")
        assert device["data"] == {"format": "event_id_only", "brand": "X"}
        assert device["tweaks"] == {"sound": "default"}
        assert b"6.8" not in told.body
        later = await li.say()
        await li.gateway.of(later)
        # Neither what came before the phone, nor Wang's own words to Wang.
        assert li.gateway.event_ids == [event_id, later]


async def test_names_are_told_where_the_site_says_so(database_url: str, tmp_path: Path) -> None:
    async with story(database_url, tmp_path, push_content="names") as li:
        new = NewRoom(version=room_version("12"), preset="private_chat", name="Ward 3", invite=[li.li.user_id])
        await li.rings(li.li, "phone")
        await li.core.pool.submit(create_room(li.wang, new))
        await li.gateway.hears(lambda gateway: len(gateway.told) == 1)
        (invitation,) = [told.notification for told in li.gateway.told]
        assert (invitation["sender"], invitation["type"]) == (li.wang.user_id, "m.room.member")
        told = await li.gateway.of(await li.say())
        assert "content" not in told.notification
        assert "room_name" not in told.notification


async def test_own_rules_decide(database_url: str, tmp_path: Path) -> None:
    async with story(database_url, tmp_path) as li:
        await li.rings(li.li, "phone")
        await li.rules("room", li.room_id, actions=[])
        await li.say("muted")
        alarm = ["notify", {"set_tweak": "highlight"}, {"set_tweak": "sound", "value": "alarm"}]
        await li.rules("content", "keyword", actions=alarm, pattern="k+")
        loud = await li.say("K+ 6.8")
        told = await li.gateway.of(loud)
        assert told.notification["devices"][0]["tweaks"] == {"highlight": True, "sound": "alarm"}
        assert li.gateway.event_ids == [loud]


async def test_a_receipt_changes_the_badge(database_url: str, tmp_path: Path) -> None:
    async with story(database_url, tmp_path) as li:
        await li.rings(li.li, "phone")
        first, second = await li.say(), await li.say()
        await li.gateway.of(second)
        await li.reads(first)
        await li.gateway.hears(lambda gateway: len(gateway.told) == 3)
        badge = li.gateway.told[2].notification
        assert (badge["counts"], badge["prio"]) == ({"unread": 1}, "low")
        assert "event_id" not in badge
        await li.reads(second)
        await li.gateway.hears(lambda gateway: len(gateway.told) == 4)
        # Counts whose value is zero are omitted.
        assert li.gateway.told[3].notification["counts"] == {}


async def test_what_was_read_meanwhile_is_not_told(database_url: str, tmp_path: Path) -> None:
    async with story(database_url, tmp_path) as li:
        await li.rings(li.li, "phone")
        li.gateway.hold.clear()
        first = await li.say()
        await li.gateway.of(first)
        second, third = await li.say(), await li.say()
        await li.reads(second)
        li.gateway.hold.set()
        await li.gateway.of(third)
        assert li.gateway.event_ids == [first, third]


async def test_a_rejected_pushkey_is_removed(database_url: str, tmp_path: Path) -> None:
    async with story(database_url, tmp_path) as li:
        await li.rings(li.li, "old phone")
        await li.rings(li.li, "phone")
        li.gateway.answer = rejects("old phone")
        await li.say()
        await li.has_pushers("phone")


async def test_a_pusher_ends_with_its_session(database_url: str, tmp_path: Path) -> None:
    async with story(database_url, tmp_path) as li:
        await li.rings(li.li, "phone")
        await li.gateway.of(await li.say())
        await li.core.pool.submit(sign_out(li.li.user_id, [li.li.device_id], "logout"))
        assert await li.pushers() == []
        await li.rings(li.wang, "phone")
        assert [pusher.user_id for pusher in await li.core.built.push.pushers.all()] == [li.wang.user_id]


async def test_a_device_that_changed_hands_rings_for_its_new_owner(database_url: str, tmp_path: Path) -> None:
    async with story(database_url, tmp_path) as li:
        chen = await li.core.person("chen")
        room_id = await li.core.room(li.wang, chen)
        await li.rings(li.li, "phone")
        await li.gateway.of(await li.say())
        await li.rings(chen, "phone")
        await li.say("for nobody's phone")
        told = await li.gateway.of(await li.say(room_id=room_id))
        assert told.notification["room_id"] == room_id
        assert len(li.gateway.event_ids) == 2


async def test_a_gateway_that_fails_is_asked_again(database_url: str, tmp_path: Path) -> None:
    async with story(database_url, tmp_path) as li:
        await li.rings(li.li, "phone")
        li.gateway.answer = fails("503 Service Unavailable")
        event_id = await li.say()
        await li.gateway.of(event_id)
        li.gateway.answer = lambda told: plain("200 OK", b'{"rejected": []}')
        await li.gateway.hears(lambda gateway: gateway.event_ids == [event_id, event_id])


@pytest.mark.parametrize(
    "answer",
    [
        plain("302 Found", b"", "location: http://127.0.0.1:1/elsewhere"),
        plain("200 OK", b"<html>"),
        plain("200 OK", b'{"rejected": "all"}'),
        plain("200 OK", b"x" * 10_000_000),
        b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n" + b"x" * 200_000,
        b"nothing that HTTP knows\r\n\r\n",
        b"",
    ],
    ids=["redirect", "no JSON", "wrong JSON", "huge", "huge and unfinished", "no HTTP", "nothing"],
)
async def test_a_strange_answer_is_none(database_url: str, tmp_path: Path, answer: bytes) -> None:
    async with story(database_url, tmp_path) as li:
        await li.rings(li.li, "phone")
        good = li.gateway.answer
        li.gateway.answer = lambda told: answer or exec_close()
        event_id = await li.say()
        await li.gateway.of(event_id)
        li.gateway.answer = good
        await li.gateway.hears(lambda gateway: gateway.event_ids[-2:] == [event_id, event_id])
        assert all(told.path == "/_matrix/push/v1/notify" for told in li.gateway.told)


def exec_close() -> bytes:
    raise ConnectionResetError


async def test_a_dead_gateway_holds_up_nobody_else(database_url: str, tmp_path: Path) -> None:
    async with push_gateway() as slow, push_gateway() as quick:
        origins = (slow.origin, quick.origin)
        async with running_core(database_url, tmp_path, push_gateways=origins) as core:
            wang, li = await core.person("wang"), await core.person("li")
            li_story = Story(core, quick, wang, li, await core.room(wang, li))
            slow.hold.clear()
            for number in range(12):
                await li_story.rings(li, f"slow {number}", url=slow.url)
            await li_story.rings(li, "phone")
            for _ in range(30):
                await quick.of(await li_story.say())
            assert slow.most_at_once <= 8
            slow.hold.set()


async def test_a_long_queue_keeps_the_latest(database_url: str, tmp_path: Path) -> None:
    async with story(database_url, tmp_path) as li:
        await li.rings(li.li, "phone")
        li.gateway.hold.clear()
        first = await li.say()
        await li.gateway.of(first)
        said = [await li.say() for _ in range(NOTES_LIMIT + 20)]
        li.gateway.hold.set()
        await li.gateway.of(said[-1])
        # One was under way; of the others as many as wait for one device.
        assert li.gateway.event_ids == [first, *said[-NOTES_LIMIT:]]


async def test_what_was_not_told_is_told_after_a_restart(database_url: str, tmp_path: Path) -> None:
    async with push_gateway() as gateway:
        wishes = {"push_gateways": (gateway.origin,)}
        gateway.answer = fails("500 Oh")
        async with running_core(database_url, tmp_path, **wishes) as core:
            wang, li = await core.person("wang"), await core.person("li")
            before = Story(core, gateway, wang, li, await core.room(wang, li))
            await before.rings(li, "phone")
            event_id = await before.say()
            await gateway.of(event_id)
            told = len(gateway.told)
        gateway.answer = lambda _told: plain("200 OK", json.dumps({"rejected": []}).encode())
        async with running_core(database_url, tmp_path, **wishes) as core:
            await gateway.hears(lambda gateway: len(gateway.event_ids) > told)
            assert set(gateway.event_ids) == {event_id}
            after = Story(core, gateway, wang, li, before.room_id)
            after.count = 1
            later = await after.say()
            await gateway.of(later)


async def test_two_processes_tell_once(database_url: str, tmp_path: Path) -> None:
    async with push_gateway() as gateway:
        wishes = {"push_gateways": (gateway.origin,)}
        async with running_core(database_url, tmp_path / "a", **wishes) as one:
            wang, li = await one.person("wang"), await one.person("li")
            here = Story(one, gateway, wang, li, await one.room(wang, li))
            await here.rings(li, "phone")
            await gateway.of(await here.say())
            async with running_core(database_url, tmp_path / "b", **wishes) as other:
                there = Story(other, gateway, wang, li, here.room_id)
                there.count = 100
                said = [await each.say() for _ in range(5) for each in (here, there)]
                await gateway.of(said[-1])
            assert gateway.event_ids[1:] == said
