"""Two servers on one database while fifty people write and read: each of the three is killed, and nothing is lost.

Every event whose sender got an event id is there once and in order, for every member; every repeated send has one.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import asyncpg
import pytest

from myelin.engine import embedded_engine
from tests.crash.devices import Reader
from tests.crash.hospital import Hospital, Person, opened
from tests.crash.logs import check_entries, check_whole, messages_of
from tests.crash.servers import Server, beside, connected, kill, postmaster, until

# So many sends must be accepted between two blows, by each server that stands.
BETWEEN_BLOWS = 40
APPENDING = "SELECT pid FROM pg_stat_activity WHERE query LIKE '%log.append%' AND pid <> pg_backend_pid() LIMIT 1"


@pytest.mark.slow
async def test_nothing_is_lost_when_servers_and_the_database_are_killed(data_dir: Path) -> None:
    with Server(data_dir, name="a") as a, Server(data_dir, name="b") as b:
        await a.start()
        await b.start()
        hospital = await opened([a.port, b.port], seed=4)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(hospital.work())
            await blows(hospital, a, b, data_dir)
            hospital.close()
        async with embedded_engine(data_dir, serving=False) as url, connected(url) as connection:
            await check(hospital, connection)
            await check_whole(url)
        assert [await a.stop(), await b.stop()] == [0, 0]


async def blows(hospital: Hospital, a: Server, b: Server, data_dir: Path) -> None:
    """One server, the other, the database, one of its sessions; people go on meanwhile."""
    for server, other in ((a, b), (b, a)):
        await hospital.more_accepted(BETWEEN_BLOWS, [a.port, b.port])
        await server.kill()
        await hospital.more_accepted(BETWEEN_BLOWS, [other.port])
        await server.start()
    await hospital.more_accepted(BETWEEN_BLOWS, [a.port, b.port])
    await kill_postmaster(data_dir)
    await hospital.more_accepted(BETWEEN_BLOWS, [a.port, b.port])
    await kill_session(data_dir)
    await hospital.more_accepted(BETWEEN_BLOWS, [a.port, b.port])


async def kill_postmaster(data_dir: Path) -> None:
    running = postmaster(data_dir)
    assert running is not None
    kill(running.pid)
    await until(lambda: postmaster(data_dir) not in (None, running), "the database is started again")


async def kill_session(data_dir: Path) -> None:
    """Kill the process behind a connection that appends; PostgreSQL then ends all others."""
    async with beside(data_dir) as connection:

        async def killed() -> bool:
            pid = await connection.fetchval(APPENDING)
            if pid is not None:
                kill(pid)
            return pid is not None

        await until(killed, "a session appends")


async def check(hospital: Hospital, connection: asyncpg.Connection) -> None:
    """Hold the log, what everybody was shown, and what is shown to somebody who comes anew, against the promises."""
    # Nobody was sent back to the beginning, although servers came and went.
    assert [person.reader.restarts for person in hospital.people] == [0] * len(hospital.people)
    await check_entries(connection)
    kept = {room_id: await messages_of(connection, room_id) for room_id in hospital.rooms}
    promised = Counter((event_id, text) for _, event_id, text in hospital.accepted)
    assert promised == Counter(message for messages in kept.values() for message in messages)
    for person in hospital.people:
        anew = await read_anew(person)
        for room_id in person.rooms:
            in_order = [text for _, text in kept[room_id]]
            assert person.reader.texts(room_id) == in_order
            assert anew.texts(room_id) == in_order
    # The story was told: there were repetitions.
    assert sum(person.device.repeated for person in hospital.people) > 0


async def read_anew(person: Person) -> Reader:
    """What the person is shown without a token: the latest, and the past by going back."""
    reader = Reader(person.reader.device)
    await reader.read()
    assert reader.gaps > 0
    return reader
