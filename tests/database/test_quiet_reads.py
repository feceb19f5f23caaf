"""A room in which nothing relates to anything pays nothing for relations: its news come from memory alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import httpx
import pytest

from tests.cores import Core, running_core
from tests.property.ward import API, in_process

pytestmark = [pytest.mark.database, pytest.mark.anyio]


class Reader:
    """Somebody who speaks and syncs; `asked` are the questions to the database so far."""

    def __init__(self, core: Core, http: httpx.AsyncClient, asked: list[str]) -> None:
        self.core, self.http, self.asked = core, http, asked
        self.room, self.since, self.sent = "", "", 0

    async def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        headers = {"Authorization": "Bearer token of li"}
        answer = await self.http.request(method, f"{API}/{path}", json=body, params=query, headers=headers)
        answer.raise_for_status()
        return answer.json()

    async def say(self, **extra: Any) -> str:
        self.sent += 1
        content = {"msgtype": "m.text", "body": "x", **extra}
        path = f"rooms/{quote(self.room)}/send/m.room.message/{self.sent}"
        event_id: str = (await self.call("PUT", path, content))["event_id"]
        return event_id

    async def sync(self) -> tuple[list[Any], int]:
        """The events that came, and how many questions that took."""
        before = len(self.asked)
        answer = await self.call("GET", "sync", timeout=0, **({"since": self.since} if self.since else {}))
        self.since = answer["next_batch"]
        room = answer.get("rooms", {}).get("join", {}).get(self.room, {})
        return room.get("timeline", {}).get("events", []), len(self.asked) - before


@pytest.fixture
async def li(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Reader]:
    asked: list[str] = []
    for name in ("fetch", "fetchrow", "fetchval"):
        monkeypatch.setattr(asyncpg.pool.Pool, name, counted(getattr(asyncpg.pool.Pool, name), asked))
    async with running_core(database_url, tmp_path) as core, in_process(core) as http:
        reader = Reader(core, http, asked)
        reader.room = await core.room(await core.person("li"), await core.person("wang"))
        await reader.say()
        # The first answer of a device and what it states as delivered ask a few things once.
        await reader.sync()
        await reader.say()
        await reader.sync()
        yield reader


def counted(ask: Any, asked: list[str]) -> Any:
    async def counting(self: Any, query: str, *arguments: Any, **options: Any) -> Any:
        asked.append(query)
        return await ask(self, query, *arguments, **options)

    return counting


async def test_news_without_relations_ask_nothing(li: Reader) -> None:
    for number in range(5):
        said = [await li.say() for _ in range(number + 1)]
        events, questions = await li.sync()
        assert ([event["event_id"] for event in events], questions) == (said, 0)


async def test_a_child_whose_parent_was_shown_before_asks_nothing(li: Reader) -> None:
    root = await li.say()
    await li.sync()
    reply = await li.say(**{"m.relates_to": {"rel_type": "m.thread", "event_id": root}})
    events, questions = await li.sync()
    assert ([event["event_id"] for event in events], questions) == ([reply], 0)


async def test_a_parent_that_comes_with_its_child_is_asked_about(li: Reader) -> None:
    root = await li.say()
    await li.say(**{"m.relates_to": {"rel_type": "m.thread", "event_id": root}})
    events, questions = await li.sync()
    assert events[0]["unsigned"]["m.relations"]["m.thread"]["count"] == 1
    # So the other stories would notice a question.
    assert questions > 0
