"""What was asked for to be sent later is sent, and once, although servers are killed while it comes due.

Two servers on one database. A call's "hung up" is such an event: it must come when nobody is there to send it.
"""

from __future__ import annotations

import random
from pathlib import Path
from urllib.parse import quote

from tests.crash.devices import Device
from tests.crash.logs import check_entries, check_whole, messages_of
from tests.crash.servers import Server, connected, until

EVENTS = 60
APART_MS = 50
FIRST_MS = 1500


async def test_delayed_events_are_sent_once_whoever_dies(database_url: str, tmp_path: Path) -> None:
    with Server(tmp_path / "a", database_url) as a, Server(tmp_path / "b", database_url) as b:
        await a.start()
        await b.start()
        wang = Device([a.port, b.port], random.Random(7))
        await wang.register("wang")
        room_id = await wang.create_room()
        for number in range(EVENTS):
            await later(wang, room_id, number, FIRST_MS + number * APART_MS)
        async with connected(database_url) as connection:

            async def sent(count: int) -> bool:
                return len(await messages_of(connection, room_id)) >= count

            await until(lambda: sent(5), "the first are sent")
            await a.kill()
            await until(lambda: sent(EVENTS // 3), "the other goes on")
            await b.kill()
            await a.start()
            await until(lambda: sent(EVENTS), "what came due meanwhile is sent")
            await b.start()
            texts = [text for _, text in await messages_of(connection, room_id)]
            assert sorted(texts, key=int) == [str(number) for number in range(EVENTS)]
            await check_entries(connection)
        await check_whole(database_url)
        wang.hang_up()


async def later(device: Device, room_id: str, number: int, delay_ms: int) -> None:
    path = f"/rooms/{quote(room_id)}/send/m.room.message/{device.new_transaction()}"
    query = f"org.matrix.msc4140.delay={delay_ms}"
    await device.insist("PUT", f"{path}?{query}", {"msgtype": "m.text", "body": str(number)})
