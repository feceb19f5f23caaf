"""A disk that is full: sends are refused clearly, nothing is stored by halves, and it goes on when there is room."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.crash.databases import Database, own_database
from tests.crash.devices import Device, Reader
from tests.crash.logs import check_entries, check_whole, messages_of
from tests.crash.servers import Server, connected
from tests.crash.wire import Answer

# A new database takes about 60 MB with its first segments of the write-ahead log.
DISK_MB = 160
BALLAST_MB = 1
LONG_TEXT = "x" * 50_000
SENDS_LIMIT = 2000

FULL = """
CREATE FUNCTION log.no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full';
END $$;
CREATE TRIGGER no_room AFTER INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION log.no_room();
"""
ROOM_AGAIN = "DROP TRIGGER no_room ON {table}; DROP FUNCTION log.no_room();"


@pytest.mark.parametrize("table", ["log.entries", "projections.events"])
async def test_what_finds_no_room_is_refused_whole(database_url: str, tmp_path: Path, table: str) -> None:
    with Server(tmp_path / "data", database_url) as server:
        await server.start()
        li = Device([server.port], random.Random(9))
        await li.register("li")
        room_id = await li.create_room()
        await li.say(room_id, "before")
        async with connected(database_url) as connection:
            await connection.execute(FULL.format(table=table))
            before = await check_entries(connection)
            for txn_id in ("t1", "t2"):
                answer = await say(li, room_id, txn_id, "now")
                assert_clear(answer)
            # People read on, and nothing of what was refused is there.
            assert await shown(li, room_id) == ["before"]
            assert await check_entries(connection) == before
            await connection.execute(ROOM_AGAIN.format(table=table))
            assert [(await say(li, room_id, txn_id, "now")).status for txn_id in ("t1", "t2")] == [200, 200]
            assert await shown(li, room_id) == ["before", "now", "now"]
            await check_entries(connection)
        await check_whole(database_url)
        li.hang_up()
        assert await server.stop() == 0


@pytest.mark.slow
async def test_a_disk_that_is_really_full(data_dir: Path, tmp_path: Path) -> None:
    with small_disk(data_dir):
        async with own_database(data_dir) as database:
            with Server(tmp_path / "data", database.url) as server:
                await fill_and_go_on(server, database, data_dir)


async def fill_and_go_on(server: Server, database: Database, disk: Path) -> None:
    await server.start()
    pid, li = server.pid, Device([server.port], random.Random(10))
    await li.register("li")
    room_id = await li.create_room()
    ballast = fill(disk)
    accepted = 0
    while (answer := await say(li, room_id, f"t{accepted}", LONG_TEXT)).status == 200:
        accepted += 1
        assert accepted < SENDS_LIMIT
    assert_clear(answer)
    ballast.unlink()
    if not database.is_running:
        # Where there is no room for its own log, PostgreSQL ends; it comes back as whoever supervises it starts it.
        await database.start()
    await li.insist("PUT", path(room_id, f"t{accepted}"), {"msgtype": "m.text", "body": LONG_TEXT})
    assert await shown(li, room_id) == [LONG_TEXT] * (accepted + 1)
    async with connected(database.url) as connection:
        assert len(await messages_of(connection, room_id)) == accepted + 1
        await check_entries(connection)
    await check_whole(database.url)
    assert server.pid == pid
    li.hang_up()
    assert await server.stop() == 0


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of its own in a folder; the test is left out where none can be had."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=755", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root, and not everywhere, can have a small file system")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(disk: Path) -> Path:
    """A file that leaves no room beside it."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        try:
            while True:
                file.write(bytes(BALLAST_MB * 1024 * 1024))
                file.flush()
        except OSError:
            return ballast


def path(room_id: str, txn_id: str) -> str:
    return f"/rooms/{quote(room_id)}/send/m.room.message/{txn_id}"


async def say(device: Device, room_id: str, txn_id: str, text: str) -> Answer:
    """One try to send a message."""
    return await device.ask("PUT", path(room_id, txn_id), {"msgtype": "m.text", "body": text})


async def shown(device: Device, room_id: str) -> list[str]:
    reader = Reader(device)
    await reader.read()
    return reader.texts(room_id)


def assert_clear(answer: Answer) -> None:
    assert answer.status == 503
    assert answer.errcode
    assert "again" in answer.fields["error"]
