"""A request with a transaction id that is repeated after `kill -9` gets its first answer, and happens once."""

from __future__ import annotations

import random
from pathlib import Path
from urllib.parse import quote

from tests.crash.devices import Device, Reader
from tests.crash.logs import check_entries, check_whole
from tests.crash.servers import Server, connected
from tests.crash.wire import Json


async def test_repeated_requests_get_their_first_answers_after_a_crash(database_url: str, tmp_path: Path) -> None:
    with Server(tmp_path / "data", database_url) as server:
        await server.start()
        li, wang = Device([server.port], random.Random(6)), Device([server.port], random.Random(6))
        await li.register("li")
        await wang.register("wang")
        room_id = await li.create_room(wang)
        first = await requests(li, wang, room_id)
        await server.kill()
        await server.start()
        assert await requests(li, wang, room_id) == first
        # What became forbidden meanwhile was accepted then.
        await wang.insist("POST", f"/rooms/{quote(room_id)}/leave", {})
        await li.insist("POST", f"/rooms/{quote(room_id)}/leave", {})
        await server.kill()
        await server.start()
        assert await requests(li, wang, room_id) == first
        answer = await wang.sync()
        assert [event["content"] for event in answer["to_device"]["events"]] == [{"key": "value"}]
        async with connected(database_url) as connection:
            await check_entries(connection)
        await check_whole(database_url)
        for device in (li, wang):
            device.hang_up()


async def requests(li: Device, wang: Device, room_id: str) -> list[Json]:
    """A message, its redaction and a message to a device, each always with the same transaction id."""
    room = f"/rooms/{quote(room_id)}"
    sent = await li.insist("PUT", f"{room}/send/m.room.message/t1", {"msgtype": "m.text", "body": "once"})
    redacted = await li.insist("PUT", f"{room}/redact/{quote(sent['event_id'])}/t1", {"reason": "wrong room"})
    messages = {wang.user_id: {wang.device_id: {"key": "value"}}}
    to_device = await li.insist("PUT", "/sendToDevice/org.example.key/t1", {"messages": messages})
    return [sent, redacted, to_device]


async def test_a_transaction_id_belongs_to_one_device(database_url: str, tmp_path: Path) -> None:
    with Server(tmp_path / "data", database_url) as server:
        await server.start()
        li, wang = Device([server.port], random.Random(7)), Device([server.port], random.Random(7))
        await li.register("li")
        await wang.register("wang")
        room_id, reader = await li.create_room(wang), Reader(wang)
        assert await li.say(room_id, "of li", "t1") != await wang.say(room_id, "of wang", "t1")
        await reader.read()
        assert reader.texts(room_id) == ["of li", "of wang"]
        for device in (li, wang):
            device.hang_up()
