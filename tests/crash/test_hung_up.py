"""王护士 sends and is gone before the answer: what was sent stays sent."""

from __future__ import annotations

import random
from pathlib import Path
from urllib.parse import quote

from tests.crash.devices import CLIENT, Device, Reader
from tests.crash.servers import Server, until
from tests.crash.wire import Wire

SENDS = 30


async def test_who_hangs_up_does_not_withdraw_what_was_sent(database_url: str, tmp_path: Path) -> None:
    # Two servers, so that each request asks the database before anything else, and its body is read late.
    with Server(tmp_path / "a", database_url) as server, Server(tmp_path / "b", database_url) as other:
        await server.start()
        await other.start()
        wang = Device([server.port], random.Random(5))
        await wang.register("wang")
        room_id, reader = await wang.create_room(), Reader(wang)
        for number in range(SENDS):
            wire = Wire(server.port)
            path = f"{CLIENT}/rooms/{quote(room_id)}/send/m.room.message/t{number}"
            await wire.send("PUT", path, wang.token, {"msgtype": "m.text", "body": f"text {number}"})
            wire.leave()

        async def all_shown() -> bool:
            await reader.read(limit=SENDS)
            return len(reader.texts(room_id)) == SENDS

        await until(all_shown, "everything that was sent is shown")
        # Who comes back and repeats gets the first answer: nothing is there twice.
        for number in range(SENDS):
            await wang.say(room_id, f"text {number}", f"t{number}")
        await reader.read(limit=SENDS)
        assert sorted(reader.texts(room_id)) == sorted(f"text {number}" for number in range(SENDS))
        wang.hang_up()
