"""A department works through two servers while the hospital grows; servers, database and import are killed.

Every message is there once and in order for everybody, every reply in its thread, every reaction, each person's last
receipt, what devices sent each other arrived once, whoever rests was rung for everything that others said; the import
is carried out to its end by whoever is left.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest

from myelin.engine import embedded_engine
from tests.crash.department import PEOPLE, Department, listing, opened
from tests.crash.logs import check_entries, check_whole, messages_of
from tests.crash.servers import Server, beside, connected, kill, postmaster, until
from tests.gateways import PushGateway, push_gateway
from tests.servers import settings

NEW_PEOPLE = 400
BETWEEN_BLOWS = 30
COUNT = "SELECT count(*) FROM projections.people WHERE NOT removed"
WAITING = "SELECT count(*) FROM projections.directory_plans WHERE carried_out IS NULL"
WISHES = {"registration": "closed", "announcements": "off"}


@pytest.mark.slow
async def test_a_department_loses_nothing(data_dir: Path, tmp_path: Path) -> None:
    async with push_gateway() as gateway:
        await tell(data_dir, tmp_path, gateway, WISHES | {"push_gateways": gateway.origin})


async def tell(data_dir: Path, folder: Path, gateway: PushGateway, wishes: dict[str, str]) -> None:
    with Server(data_dir, name="a", **wishes) as a, Server(data_dir, name="b", **wishes) as b:
        await a.start()
        await b.start()
        environment = settings(data_dir, a.port, "", **wishes)
        department = await opened(environment, [a.port, b.port], folder, seed=5)
        await department.be_rung(gateway)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(department.work())
            await blows(department, a, b, environment, folder)
            department.close()
        await until(lambda: department.everybody_was_rung(gateway), "whoever rests was rung for everything")
        async with embedded_engine(data_dir, serving=False) as url, connected(url) as connection:
            await until(lambda: is_carried_out(connection), "the import is carried out")
            await check(department, connection)
            await check_whole(url)
        assert [await a.stop(), await b.stop()] == [0, 0]


async def blows(department: Department, a: Server, b: Server, environment: dict[str, str], folder: Path) -> None:
    """The import in the middle of its work, one server, the other, the database; people go on meanwhile."""
    await department.more_accepted(BETWEEN_BLOWS, [a.port, b.port])
    await kill_import(environment, folder)
    for server, other in ((a, b), (b, a)):
        await server.kill()
        await department.more_accepted(BETWEEN_BLOWS, [other.port])
        await server.start()
    running = postmaster(Path(environment["MYELIN_DATA_DIR"]))
    assert running is not None
    kill(running.pid)
    await department.more_accepted(BETWEEN_BLOWS, [a.port, b.port])


async def kill_import(environment: dict[str, str], folder: Path) -> None:
    """Kill an import when its plan is made and not carried out; the servers go on with it."""
    file = folder / "more.csv"
    file.write_text(listing(range(5000, 5000 + NEW_PEOPLE), "外科系统/骨科"))
    command = [sys.executable, "-m", "myelin", "directory", "import", str(file), "--yes"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    async with beside(Path(environment["MYELIN_DATA_DIR"])) as connection:

        async def is_planned() -> bool:
            return bool(await connection.fetchval(WAITING)) or process.poll() is not None

        await until(is_planned, "the import has a plan")
    process.kill()
    assert await asyncio.to_thread(process.wait) != 0, "the import was done before it was killed"


async def is_carried_out(connection: asyncpg.Connection) -> bool:
    everybody = await connection.fetchval(COUNT) == PEOPLE + NEW_PEOPLE
    return everybody and not await connection.fetchval(WAITING)


async def check(department: Department, connection: asyncpg.Connection) -> None:
    """Hold what is there against what was promised."""
    promises, room_id = department.promises, department.room_id
    await check_entries(connection)
    kept = [text for _, text in await messages_of(connection, room_id)]
    assert Counter(kept) == Counter(promises.texts)
    for member in department.members:
        assert member.reader.restarts == 0
        assert member.reader.texts(room_id) == kept
        sent = Counter(text for user_id, text in promises.sent if user_id == member.device.user_id)
        assert Counter(member.reader.received) == sent
    device = department.members[0].device
    place = f"/rooms/{quote(room_id)}"
    for root, count in promises.replies.items():
        event = await device.insist("GET", f"{place}/event/{quote(root)}")
        assert event["unsigned"]["m.relations"]["m.thread"]["count"] == count
    await check_reactions_and_receipts(department, connection)
    assert sum(member.device.repeated for member in department.members) > 0


async def check_reactions_and_receipts(department: Department, connection: asyncpg.Connection) -> None:
    """Each reaction is there once; each person's last receipt is what was promised to them, or a later one."""
    promises = department.promises
    rows = await connection.fetch(
        "SELECT relates_to, count(*) AS count FROM projections.events WHERE rel_type = 'm.annotation' GROUP BY 1"
    )
    assert {row["relates_to"]: row["count"] for row in rows} == dict(promises.reactions)
    found = await connection.fetch(
        "SELECT user_id, event_id FROM projections.receipts WHERE room_id = $1 AND thread = ''", department.room_id
    )
    assert {row["user_id"]: row["event_id"] for row in found} == promises.read
