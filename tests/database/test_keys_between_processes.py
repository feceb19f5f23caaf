"""Keys written through one process come to a device that reads at another no later than the invitation after them."""

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

LIMIT_S = 60
WAITS_MS = 20_000
COUNTS = (1, 100, 101, 230)


async def share_and_invite(core: Core, sender: Sender, invited: Sender, first: int, count: int) -> str:
    """Send keys and then invite, as one client does: each request after the answer to the one before."""
    room = await core.pool.submit(create_room(sender, NewRoom(version=room_version("12"), preset="private_chat")))
    for number in range(first, first + count):
        letter = {invited.user_id: {"*": f'{{"n":{number}}}'}}
        await core.pool.submit(send_to_device(sender, "m.room.encrypted", letter, f"t{number}"))
    await core.pool.submit(invite(sender, room, invited.user_id))
    return room


async def read_until_invited(core: Core, reader: Sender, rooms: int) -> list[tuple[str, int]]:
    """Read as a client does that waits; return each room with how many keys had come when it was seen."""
    sync, viewer = sync_of(core.built), Viewer(reader.user_id, reader.device_id)
    since, keys, seen = None, 0, dict[str, int]()
    while len(seen) < rooms:
        request = SyncRequest(since=since, timeout_ms=WAITS_MS)
        answer: dict[str, Any] = orjson.loads(await sync.answer(viewer, request))
        since = await sync.acknowledged(viewer, answer["next_batch"])
        keys += len(answer.get("to_device", {}).get("events", []))
        for room in answer.get("rooms", {}).get("invite", {}):
            seen.setdefault(room, keys)
    return list(seen.items())


def test_keys_come_before_the_invitation_at_every_process(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with running_core(database_url, tmp_path) as here, running_core(database_url, tmp_path) as there:
            wang, li = await here.person("wang"), await here.person("li")
            await there.pool.catch_up()
            expected, sent = list[tuple[str, int]](), 0
            async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as together:
                reading = together.create_task(read_until_invited(there, li, len(COUNTS)))
                for count in COUNTS:
                    room = await share_and_invite(here, wang, li, sent, count)
                    sent += count
                    expected.append((room, sent))
            found = reading.result()
            assert [room for room, _ in found] == [room for room, _ in expected]
            assert all(keys >= before for (_, keys), (_, before) in zip(found, expected, strict=True))

    asyncio.run(story())
