"""A person has one dehydrated device however many are uploaded at once, and of the others nothing is left."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from myelin.actions.accounts import deactivate_account
from myelin.actions.dehydrated_devices import NewDehydratedDevice, dehydrate
from myelin.actions.device_keys import KeyUpload
from myelin.actions.send_to_device import send_to_device
from myelin.stores.one_time_keys import OneTimeKey
from tests.cores import Core, running_core

pytestmark = pytest.mark.database

TABLES = ("one_time_keys", "fallback_keys", "to_device_messages", "dehydrated_devices")


def device(name: str) -> NewDehydratedDevice:
    keys = [OneTimeKey("signed_curve25519", number, '{"key":"k"}') for number in ("1", "2")]
    return NewDehydratedDevice(
        device_id=name,
        display_name=None,
        device_data='{"algorithm":"a"}',
        device_keys=b"{}",
        keys=KeyUpload(keys_position=-1, one_time_keys=keys, fallback_keys=keys[:1]),
    )


async def kept(core: Core) -> dict[str, list[int]]:
    """The numbers of the devices for which each table has something."""
    rows = {
        table: await core.built.reads.fetch(f"SELECT DISTINCT device_number FROM stores.{table}") for table in TABLES
    }
    return {table: [row["device_number"] for row in found] for table, found in rows.items()}


def test_of_devices_uploaded_together_one_is_left(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with running_core(database_url, tmp_path) as core:
            wang, li = await core.person("wang"), await core.person("li")
            letter = send_to_device(li, "m.room.encrypted", {wang.user_id: {"*": "{}"}}, "t")
            uploads = [dehydrate(wang, device(name)) for name in ("one", "two", "two", "three")]
            await asyncio.gather(*map(core.pool.submit, [*uploads[:2], letter, *uploads[2:]]))
            user = await core.built.loading.user(wang.user_id)
            assert user is not None
            (left,) = (each for each in user.devices.values() if each.dehydrated)
            found = await kept(core)
            assert found["dehydrated_devices"] == found["one_time_keys"] == found["fallback_keys"] == [left.number]
            # What was sent to the second went with it; the session's device has its own.
            assert found["to_device_messages"] == [user.devices[wang.device_id].number]

            await core.pool.submit(deactivate_account(wang.user_id, erase=False))
            assert set(map(tuple, (await kept(core)).values())) == {()}

    asyncio.run(story())
