"""The database goes away under a running server: requests are refused clearly and soon, and it recovers by itself."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.crash.databases import Database, own_database
from tests.crash.devices import Device, Reader
from tests.crash.logs import check_entries, check_whole, messages_of
from tests.crash.servers import Server, connected, until
from tests.crash.wire import Answer

SENDERS = 5
LONG_POLL_MS = 120_000
PATIENCE_S = 150.0
# A killed database refuses at once, and a send waits ten seconds for its return; a frozen one is given up after as
# long for the answer, and after as long again for another connection.
KILLED_LIMIT_S = 20.0
FROZEN_LIMIT_S = 40.0


async def test_a_killed_database_is_waited_for(data_dir: Path, tmp_path: Path) -> None:
    async with own_database(data_dir) as database:
        with Server(tmp_path / "data", database.url) as server:
            await story(server, database, Loss.killed)


@pytest.mark.slow
async def test_a_frozen_database_is_given_up(data_dir: Path, tmp_path: Path) -> None:
    async with own_database(data_dir) as database:
        with Server(tmp_path / "data", database.url) as server:
            await story(server, database, Loss.frozen)


class Loss:
    """Ways of losing a database, with the time in which everybody is told."""

    def __init__(self, limit_s: float, is_frozen: bool) -> None:
        self.limit_s = limit_s
        self._is_frozen = is_frozen

    async def begin(self, database: Database) -> None:
        if self._is_frozen:
            database.freeze()
        else:
            await database.kill()

    async def end(self, database: Database) -> None:
        if self._is_frozen:
            database.thaw()
        else:
            await database.start()

    killed: Loss
    frozen: Loss


Loss.killed = Loss(KILLED_LIMIT_S, is_frozen=False)
Loss.frozen = Loss(FROZEN_LIMIT_S, is_frozen=True)


async def story(server: Server, database: Database, loss: Loss) -> None:
    await server.start()
    pid, people = server.pid, await signed_in(server)
    room_id = await people[0].create_room(*people[1:])
    reader = Reader(of_other_connections(people[0]))
    for device in (*people, reader.device):
        device.patience_s = PATIENCE_S
    await reader.read()
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(reader.follow(LONG_POLL_MS))
        await loss.begin(database)
        await assert_refused(server, people, room_id, reader.since or "", loss.limit_s)
        await until(lambda: says(server, 503), "health says so")
        in_flight = [tasks.create_task(person.say(room_id, person.user_id, "t1")) for person in people]
        await until(lambda: sum(person.repeated for person in people) > 0, "a send is repeated", loss.limit_s)
        await loss.end(database)
        sent = await asyncio.gather(*in_flight)
        # Who was told that nobody knows asks again: what a frozen database did late is not done twice.
        sent.append(await people[0].say(room_id, "lost", "lost"))
        said = [*(person.user_id for person in people), "lost"]
        await until(lambda: sorted(reader.texts(room_id)) == sorted(said), "who waited is told")
        waiting.cancel()
    await until(lambda: says(server, 200), "health is well again")
    assert (server.pid, server.is_running) == (pid, True)
    async with connected(database.url) as connection:
        kept = await messages_of(connection, room_id)
        await check_entries(connection)
    await check_whole(database.url)
    assert sorted(kept) == sorted(zip(sent, said, strict=True))
    assert reader.texts(room_id) == [text for _, text in kept]
    for device in (*people, reader.device):
        device.hang_up()
    assert await server.stop() == 0


async def signed_in(server: Server) -> list[Device]:
    people = [Device([server.port], random.Random(number)) for number in range(SENDERS)]
    for number, person in enumerate(people):
        await person.register(f"person-{number}")
    return people


def of_other_connections(person: Device) -> Device:
    device = Device(person.ports, person.chance)
    device.take_session_of(person)
    return device


async def assert_refused(server: Server, people: Sequence[Device], room_id: str, since: str, limit_s: float) -> None:
    """Whatever needs the database is refused with 503 and a sentence, within the time that is given; health says so."""
    room = f"/rooms/{quote(room_id)}"
    login = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": "nobody"}, "password": "secret"}
    began = time.monotonic()
    answers = await asyncio.gather(
        of_other_connections(people[0]).ask(
            "PUT", f"{room}/send/m.room.message/lost", {"msgtype": "m.text", "body": "lost"}
        ),
        of_other_connections(people[1]).ask("PUT", f"{room}/state/m.room.topic", {"topic": "lost"}),
        of_other_connections(people[2]).ask("GET", f"{room}/messages?dir=b"),
        of_other_connections(people[3]).ask("GET", "/sync"),
        of_other_connections(people[4]).ask("POST", "/login", login),
        server.ask("GET", "/_matrix/client/v3/account/whoami", "a token that nobody has seen"),
    )
    assert time.monotonic() - began < limit_s
    assert [clear(answer) for answer in answers] == [True] * len(answers), answers
    assert since


def clear(answer: Answer) -> bool:
    return answer.status == 503 and bool(answer.errcode) and "again" in answer.fields["error"]


async def says(server: Server, status: int) -> bool:
    return (await server.ask("GET", "/_myelin/health")).status == status
