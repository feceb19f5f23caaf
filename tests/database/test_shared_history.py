"""The history of a room reaches whom it is shared with no later than the invitation (MSC4268), whoever serves whom."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from myelin.actions.create_room import NewRoom, create_room
from myelin.actions.members import invite
from myelin.actions.send_to_device import send_to_device
from myelin.actions.sender import Sender
from myelin.matrix.room_versions import room_version
from myelin.sync.reading import SyncRequest
from myelin.sync.rendering import Viewer
from myelin.wiring.sync import sync_of
from tests.cores import Core, running_core

pytestmark = pytest.mark.database

LIMIT_S = 30


async def share(core: Core, sender: Sender, receiver: Sender, count: int) -> str:
    """Send that many keys, then the invitation, each as soon as the one before is accepted; return the room."""
    new = NewRoom(version=room_version("12"), preset="private_chat")
    room_id = await core.pool.submit(create_room(sender, new))
    for number in range(count):
        messages = {receiver.user_id: {receiver.device_id: f'{{"n":{number}}}'}}
        await core.pool.submit(send_to_device(sender, "m.room.encrypted", messages, f"{room_id}{number}"))
    await core.pool.submit(invite(sender, room_id, receiver.user_id))
    return room_id


async def waits(core: Core, owner: Sender, began: asyncio.Event) -> dict[str, int]:
    """How many messages a device that waits at its server had with each invitation, up to the first one."""
    sync, viewer, had = sync_of(core.built), Viewer(owner.user_id, owner.device_id), 0
    answer: dict[str, Any] = orjson.loads(await sync.answer(viewer, SyncRequest(since=None)))
    # What is shared from here on is news; the first answer has only what was before.
    began.set()
    while True:
        since = await sync.acknowledged(viewer, answer["next_batch"])
        answer = orjson.loads(await sync.answer(viewer, SyncRequest(since=since, timeout_ms=10_000)))
        had += len(answer.get("to_device", {}).get("events", []))
        if invited := answer.get("rooms", {}).get("invite"):
            return dict.fromkeys(invited, had)


@pytest.mark.parametrize("count", [1, 120])
def test_keys_come_first_from_another_process(database_url: str, tmp_path: Path, count: int) -> None:
    async def story() -> None:
        async with (
            asyncio.timeout(LIMIT_S),
            running_core(database_url, tmp_path / "a") as here,
            running_core(database_url, tmp_path / "b") as there,
        ):
            wang, li = await here.person("wang"), await here.person("li")
            await there.pool.catch_up()
            began = asyncio.Event()
            waiting = asyncio.create_task(waits(there, li, began))
            await began.wait()
            room_id = await share(here, wang, li, count)
            assert await waiting == {room_id: count}

    asyncio.run(story())


def test_keys_come_first_to_who_waits(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with asyncio.timeout(LIMIT_S), running_core(database_url, tmp_path) as core:
            wang, li = await core.person("wang"), await core.person("li")
            began = asyncio.Event()
            waiting = asyncio.create_task(waits(core, li, began))
            await began.wait()
            room_id = await share(core, wang, li, 3)
            assert await waiting == {room_id: 3}

    asyncio.run(story())
