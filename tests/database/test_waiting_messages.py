"""What waits for devices is bounded: the oldest go, and nothing of a device that is within its limit."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from myelin.actions.dehydrated_devices import NewDehydratedDevice, dehydrate
from myelin.actions.device_keys import KeyUpload
from myelin.actions.send_to_device import send_to_device
from myelin.actions.sender import Sender
from tests.cores import Core, running_core

pytestmark = pytest.mark.database

EVERYTHING = 2**60
SESSION_LIMIT, DEHYDRATED_LIMIT = 3, 6


async def waiting(core: Core, owner: Sender, device_id: str) -> list[str]:
    user = await core.built.loading.user(owner.user_id)
    assert user is not None
    number = user.devices[device_id].number
    return [each.content for each in await core.built.encryption.messages.waiting(number, -1, EVERYTHING, None)]


async def story(core: Core) -> None:
    wang, li, zhao = [await core.person(name) for name in ("wang", "li", "zhao")]
    dehydrated = NewDehydratedDevice(
        device_id="dry", display_name=None, device_data="{}", device_keys=b"{}", keys=KeyUpload(keys_position=-1)
    )
    await core.pool.submit(dehydrate(li, dehydrated))
    for number in range(8):
        messages = {li.user_id: {"*": f"{number}"}} | ({zhao.user_id: {"*": f"{number}"}} if number < 3 else {})
        await core.pool.submit(send_to_device(wang, "m.room.encrypted", messages, f"t{number}"))
    assert await core.built.encryption.messages.drop_oldest(SESSION_LIMIT, DEHYDRATED_LIMIT) == 5 + 2
    assert await waiting(core, li, li.device_id) == ["5", "6", "7"]
    assert await waiting(core, li, "dry") == ["2", "3", "4", "5", "6", "7"]
    assert await waiting(core, zhao, zhao.device_id) == ["0", "1", "2"]
    assert await core.built.encryption.messages.drop_oldest(SESSION_LIMIT, DEHYDRATED_LIMIT) == 0


def test_the_oldest_messages_of_an_overfull_device_go(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def play() -> None:
        async with running_core(database_url, tmp_path) as core:
            await story(core)

    asyncio.run(play())
    (said,) = [record.getMessage() for record in caplog.records if "dropped" in record.message]
    assert said == "7 messages were dropped that had waited too long for 2 devices"
