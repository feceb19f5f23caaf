"""Whoever is to be rung is rung, although the server that does it is killed between the commit and the push.

Two servers on one database, one gateway. A ring may come twice after a crash, never not at all.
"""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

from tests.crash.devices import Device
from tests.crash.servers import Server
from tests.gateways import PushGateway, push_gateway

# So many wait for one device: while nobody pushes, no more than that are sent.
TOGETHER = 10


async def test_pushes_outlive_whoever_sends_them(database_url: str, tmp_path: Path) -> None:
    async with push_gateway() as gateway:
        wishes = {"push_gateways": gateway.origin}
        with (
            Server(tmp_path / "a", database_url, name="a", **wishes) as a,
            Server(tmp_path / "b", database_url, name="b", **wishes) as b,
        ):
            await a.start()
            await b.start()
            wang, li = Device([a.port, b.port], random.Random(3)), Device([a.port, b.port], random.Random(4))
            await wang.register("wang")
            await li.register("li")
            room_id = await wang.create_room(li)
            await li.insist("POST", "/pushers/set", pusher(gateway))
            said = await several(wang, room_id)
            await gateway.of(said[-1])

            # Committed and not yet told: the gateway has not answered when everybody dies.
            gateway.hold.clear()
            said += await several(wang, room_id)
            await a.kill()
            await b.kill()
            gateway.hold.set()
            await a.start()
            await gateway.of(said[-1])
            await b.start()

            # One of the two pushes; whichever it is, the other goes on.
            for dying in (a, b):
                await dying.kill()
                said += await several(wang, room_id)
                await gateway.of(said[-1])
                await dying.start()
            told = Counter(gateway.event_ids)
            assert set(said) <= set(told)
            # Once, once more because nobody had answered when both died, and once more where the one that rang it then
            # died before it had kept that.
            assert max(told.values()) <= 3
            wang.hang_up()
            li.hang_up()


async def several(device: Device, room_id: str) -> list[str]:
    return [await device.say(room_id, f"K+ {number}") for number in range(TOGETHER)]


def pusher(gateway: PushGateway) -> dict[str, object]:
    return {
        "kind": "http",
        "app_id": "org.example.app",
        "pushkey": "phone",
        "app_display_name": "App",
        "device_display_name": "Phone",
        "lang": "zh",
        "data": {"url": gateway.url, "format": "event_id_only"},
    }
