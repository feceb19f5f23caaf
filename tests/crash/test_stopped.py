"""SIGTERM while people write: the server ends at once and cleanly, its database with it, and nothing is lost."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.crash.devices import Device, Reader
from tests.crash.logs import check_entries, messages_of
from tests.crash.servers import Server, beside, postmaster, until
from tests.crash.wire import Lost

PEOPLE = 10
STOP_LIMIT_S = 8.0
SECOND_START_LIMIT_S = 3.0
LONG_POLL_MS = 60_000


class Writers:
    """People who write one message after the other until the server is gone."""

    def __init__(self, people: list[Device], room_id: str) -> None:
        self._people = people
        self._room = f"/rooms/{quote(room_id)}/send/m.room.message"
        self.accepted: dict[str, str] = {}
        self.refused: list[int] = []

    async def work(self) -> None:
        await asyncio.gather(*map(self._write, self._people))

    async def _write(self, device: Device) -> None:
        while True:
            txn_id = device.new_transaction()
            text = f"{device.user_id} {txn_id}"
            try:
                answer = await device.ask("PUT", f"{self._room}/{txn_id}", {"msgtype": "m.text", "body": text})
            except Lost:
                return
            if answer.status == 200:
                self.accepted[answer.fields["event_id"]] = text
            else:
                self.refused.append(answer.status)
                return


async def test_what_was_accepted_outlives_a_stop_under_load(data_dir: Path) -> None:
    with Server(data_dir) as server:
        await server.start()
        people = [Device([server.port], random.Random(number)) for number in range(PEOPLE)]
        for number, device in enumerate(people):
            await device.register(f"person-{number}")
        room_id = await people[0].create_room(*people[1:])
        writers, waiting = Writers(people, room_id), await long_polls(people, server.port)
        working = asyncio.create_task(writers.work())
        await until(lambda: len(writers.accepted) > 200, "people write")
        asked_at = time.monotonic()
        assert await server.stop() == 0
        assert time.monotonic() - asked_at < STOP_LIMIT_S
        await working
        await asyncio.gather(*waiting, return_exceptions=True)
        assert postmaster(data_dir) is None
        assert set(writers.refused) <= {503}
        starts = [await server.start()]
        async with beside(data_dir) as connection:
            kept = dict(await messages_of(connection, room_id))
            await check_entries(connection)
        # Whoever was accepted is there; whoever got no answer may be.
        assert writers.accepted.items() <= kept.items()
        assert len(kept) <= len(writers.accepted) + PEOPLE
        assert await server.stop() == 0
        starts.append(await server.start())
        assert min(starts) < SECOND_START_LIMIT_S
        assert await server.stop() == 0


async def long_polls(people: list[Device], port: int) -> list[asyncio.Task[None]]:
    """Everybody waits for news over another connection."""
    readers = [Reader(Device([port], random.Random(0))) for _ in people]
    for reader, device in zip(readers, people, strict=True):
        reader.device.take_session_of(device)
        await reader.read()
    return [asyncio.create_task(follow_to_the_end(reader)) for reader in readers]


async def follow_to_the_end(reader: Reader) -> None:
    """Sync until the server is gone."""
    while True:
        try:
            answer = await reader.device.ask("GET", f"/sync?timeout={LONG_POLL_MS}&since={reader.since}")
        except Lost:
            return
        if answer.status != 200:
            return
        reader.since = answer.fields["next_batch"]


@pytest.mark.parametrize("blow", ["stop", "kill"])
async def test_a_server_comes_back_on_its_own_database(data_dir: Path, blow: str) -> None:
    with Server(data_dir) as server:
        await server.start()
        li = Device([server.port], random.Random(8))
        await li.register("li")
        room_id = await li.create_room()
        await li.say(room_id, "before")
        await (server.stop() if blow == "stop" else server.kill())
        # What was killed leaves its database running, and finds it again.
        assert (postmaster(data_dir) is None) == (blow == "stop")
        await server.start()
        await li.say(room_id, "after")
        reader = Reader(li)
        await reader.read()
        assert reader.texts(room_id) == ["before", "after"]
        li.hang_up()
        assert await server.stop() == 0
        assert postmaster(data_dir) is None
