"""Unread counts in threads: the same from the latest events in memory and from the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from myelin.actions.redact import redact
from myelin.actions.send_event import send_event
from myelin.actions.sender import Sender
from myelin.entries.items import Receipt
from myelin.matrix.json import JsonObject
from myelin.sync.unread import Count, Unread
from tests.cores import Core, running_core

pytestmark = pytest.mark.database

MENTION = {"m.mentions": {"user_ids": ["@li:hospital.test"]}}


class Reader:
    """Li, who reads what Wang says in one room."""

    def __init__(self, core: Core, wang: Sender, li: Sender, room_id: str) -> None:
        self.core, self.wang, self.li, self.room_id = core, wang, li, room_id
        self.unread = Unread(core.built.reads)

    async def hears(self, text: str, **more: object) -> str:
        content: JsonObject = {"msgtype": "m.text", "body": text, **more}  # type: ignore[dict-item]
        return await self.core.pool.submit(send_event(self.wang, self.room_id, "m.room.message", content, text))

    async def reads(self, event_id: str, thread: str | None) -> None:
        (entry,) = [each for each in await self.core.log() if each.event_id == event_id]
        receipt = Receipt(self.li.user_id, "D", self.room_id, event_id, entry.position, entry.at, thread)
        await self.core.built.receipts.record(receipt)

    async def counts(self) -> list[dict[str, Count]]:
        """Return the counts as kept up from reading to reading, counted anew from memory, and from the database."""
        built, upto = self.core.built, self.core.built.memory.head
        user, room = await built.loading.user(self.li.user_id), await built.loading.room(self.room_id)
        assert user is not None and room is not None
        tail = built.tails.room(self.room_id)
        kept = self.unread.from_tail(user, room, tail, upto)
        anew = Unread(built.reads).from_tail(user, room, tail, upto)
        stored = (await Unread(built.reads).from_database(user, [self.room_id], upto))[self.room_id]
        assert kept is not None and anew is not None
        return [{name: n for name, n in each.threads.items() if n != Count()} for each in (kept, anew, stored)]


@asynccontextmanager
async def reader(database_url: str, data_dir: Path) -> AsyncIterator[Reader]:
    async with running_core(database_url, data_dir) as core:
        wang, li = await core.person("wang"), await core.person("li")
        yield Reader(core, wang, li, await core.room(wang, li))


def thread(root: str) -> dict[str, object]:
    return {"m.relates_to": {"rel_type": "m.thread", "event_id": root}}


def same(counts: Sequence[dict[str, Count]], **expected: Count) -> None:
    assert list(counts) == [expected] * 3


def test_each_thread_is_read_by_itself(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with reader(database_url, tmp_path) as li:
            root = await li.hears("root")
            reply = await li.hears("reply", **thread(root))
            later = await li.hears("later")
            await li.hears("for li", **MENTION)
            same(await li.counts(), main=Count(3, 1, 1, 1), **{root: Count(1)})
            await li.reads(later, "main")
            same(await li.counts(), main=Count(1, 1, 1, 1), **{root: Count(1)})
            await li.reads(reply, root)
            same(await li.counts(), main=Count(1, 1, 1, 1))
            await li.hears("another reply", **thread(root))
            same(await li.counts(), main=Count(1, 1, 1, 1), **{root: Count(1)})
            await li.reads(await li.hears("the last"), None)
            same(await li.counts())

    asyncio.run(story())


def test_a_relation_in_a_thread_is_in_the_thread(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with reader(database_url, tmp_path) as li:
            root = await li.hears("root")
            reply = await li.hears("reply", **thread(root))
            reference = {"m.relates_to": {"rel_type": "m.reference", "event_id": reply}}
            farther = await li.hears("about the reply", **reference)
            same(await li.counts(), main=Count(1), **{root: Count(2)})
            await li.reads(farther, root)
            same(await li.counts(), main=Count(1))

    asyncio.run(story())


def test_what_is_redacted_no_longer_counts(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with reader(database_url, tmp_path) as li:
            named = await li.hears("for li", **MENTION)
            await li.hears("stays")
            same(await li.counts(), main=Count(2, 1, 1, 1))
            # The redaction meets a memory that has let go of what it redacts.
            tail = li.core.built.tails.room(li.room_id)
            assert tail is not None
            tail.empty()
            await li.core.pool.submit(redact(li.wang, li.room_id, named, {}, f"redact/{named}/1"))
            user = await li.core.built.loading.user(li.li.user_id)
            room = await li.core.built.loading.room(li.room_id)
            assert user is not None and room is not None
            upto = li.core.built.memory.head
            assert li.unread.from_tail(user, room, tail, upto) is None
            counts = (await li.unread.from_database(user, [li.room_id], upto))[li.room_id]
            assert counts.threads == {"main": Count(1)}

    asyncio.run(story())
