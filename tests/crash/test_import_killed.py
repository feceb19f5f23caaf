"""An import is killed in the middle of its work, again and again: the command, then server after server.

Whoever comes next goes on where the last one stopped: nothing of the plan is missing, and nothing is there twice.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import asyncpg
import httpx
import pytest

from myelin.engine import embedded_engine
from tests.crash.department import CODE
from tests.crash.logs import check_entries, check_whole
from tests.crash.servers import Server, beside, until
from tests.database.test_command_line import myelin
from tests.servers import settings

PEOPLE = 3000
DEPARTMENTS = 60
SIGNED_IN = 10
ROOMS = 30
# So much more of a plan is carried out between two blows, and much is left for the next.
BETWEEN_BLOWS = 400
WISHES = {"registration": "closed", "announcements": "off"}
CLIENT = "/_matrix/client/v3"
HEAD = "工号,姓名,科室,职称,职业\n"
# Entries of each kind since the last plan: of the directory, and in these rooms; not what the server's hand does.
COUNTS = """
SELECT kind, count(*) FROM log.entries
 WHERE position > (SELECT max(position) FROM projections.directory_plans)
   AND sender IS DISTINCT FROM '@_myelin:hospital.test' AND (room_id IS NULL OR room_id = ANY($1))
 GROUP BY kind
"""
WAITING = "SELECT count(*) FROM projections.directory_plans WHERE carried_out IS NULL"
MEMBERS = """
SELECT body FROM projections.memberships JOIN log.entries USING (position)
 WHERE memberships.room_id = ANY($1) AND membership = 'join' AND to_position IS NULL
"""

Environment = dict[str, str]


def listing(title: str) -> str:
    rows = (f"{number},某{number},内科系统/科室{number % DEPARTMENTS},{title},医" for number in range(PEOPLE))
    return HEAD + "\n".join(rows) + "\n"


@pytest.mark.slow
async def test_an_import_is_carried_out_whoever_dies(data_dir: Path, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    with Server(data_dir, name="a", **WISHES) as a, Server(data_dir, name="b", **WISHES) as b:
        environment = settings(data_dir, a.port, "", **WISHES)
        # A server has been here once, so there is a log to look into.
        await b.start()
        assert await b.stop() == 0
        async with beside(data_dir) as connection:
            await employ(environment, file, connection, a, b)
            assert await counts(connection) == {
                "account_created": PEOPLE,
                "department": DEPARTMENTS + 1,
                "directory_done": 1,
                "person": PEOPLE,
                "profile": PEOPLE,
            }
            rooms = await signed_in(environment, file, b)
            await promote(environment, file, connection, rooms, a, b)
            assert await titles_in(rooms, connection) == {"主任医师": SIGNED_IN * ROOMS}
            done = await counts(connection, rooms)
            assert (done["person"], done["profile"], done["event"]) == (PEOPLE, PEOPLE, SIGNED_IN * ROOMS)
            await check_entries(connection)
        assert await a.stop() == 0
        repeated = await asyncio.to_thread(myelin, environment, "directory", "import", str(file), "--yes")
        assert "nothing changes" in repeated.stdout, repeated.stderr
    async with embedded_engine(data_dir, serving=False) as url:
        await check_whole(url)


async def employ(environment: Environment, file: Path, connection: asyncpg.Connection, a: Server, b: Server) -> None:
    """The command alone dies, then a server; another one finds what is left."""
    file.write_text(listing("医师"))
    with importing(environment, file) as command:
        await more_is_done(connection, 0)
        command.kill()
        assert await asyncio.to_thread(command.wait) != 0
    before = sum((await counts(connection)).values())
    await a.start()
    await more_is_done(connection, before)
    await a.kill()
    assert await connection.fetchval(WAITING) == 1, "the plan was carried out before anybody died"
    await b.start()
    await until(lambda: nothing_waits(connection), "the import is carried out")


async def promote(
    environment: Environment, file: Path, connection: asyncpg.Connection, rooms: list[str], a: Server, b: Server
) -> None:
    """Everybody has another title; the server dies before all rooms have heard of it. The command waits for the end."""
    file.write_text(listing("主任医师"))
    plans = await connection.fetchval("SELECT count(*) FROM projections.directory_plans")
    with importing(environment, file) as command:
        await until(lambda: more_plans(connection, plans), "there is a plan")
        await until(lambda: some_rooms_know(connection, rooms), "some rooms have heard of it")
        await b.kill()
        assert await connection.fetchval(WAITING) == 1, "the plan was carried out before anybody died"
        await a.start()
        assert await asyncio.to_thread(command.wait, 60) == 0
        assert await nothing_waits(connection)


async def signed_in(environment: Environment, file: Path, server: Server) -> list[str]:
    """Some of them have passwords, and are in rooms together."""
    slips = file.with_name("codes.html")
    issued = await asyncio.to_thread(
        myelin, environment, "directory", "import", str(file), "--yes", "--codes", str(slips)
    )
    assert issued.returncode == 0, issued.stderr
    codes = CODE.findall(slips.read_text())
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", timeout=60) as client:
        people = [await sign_in(client, number, codes[number]) for number in range(SIGNED_IN)]
        first, *others = people
        public = {"preset": "public_chat"}
        rooms = [(await call(client, first, "createRoom", public))["room_id"] for _ in range(ROOMS)]
        for other in others:
            await asyncio.gather(*(call(client, other, f"join/{quote(room)}", {}) for room in rooms))
    return rooms


async def sign_in(client: httpx.AsyncClient, number: int, code: str) -> str:
    own = {"employee_number": str(number), "code": code, "password": "a good password"}
    assert (await client.post("/_myelin/v1/activate", json=own)).status_code == 200
    identifier = {"type": "m.id.user", "user": str(number)}
    login = {"type": "m.login.password", "identifier": identifier, "password": "a good password"}
    return (await call(client, "", "login", login))["access_token"]


async def call(client: httpx.AsyncClient, token: str, path: str, body: object) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = await client.post(f"{CLIENT}/{path}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    fields: dict[str, str] = answer.json()
    return fields


@contextmanager
def importing(environment: Environment, file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The command under way; the end of the block kills what is left of it."""
    command = [sys.executable, "-m", "myelin", "directory", "import", str(file), "--yes"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


async def counts(connection: asyncpg.Connection, rooms: Sequence[str] = ()) -> dict[str, int]:
    return {row["kind"]: row["count"] for row in await connection.fetch(COUNTS, rooms)}


async def more_is_done(connection: asyncpg.Connection, before: int) -> None:
    async def is_done() -> bool:
        return sum((await counts(connection)).values()) >= before + BETWEEN_BLOWS

    await until(is_done, "more of the plan is carried out")


async def more_plans(connection: asyncpg.Connection, before: int) -> bool:
    count: int = await connection.fetchval("SELECT count(*) FROM projections.directory_plans")
    return count > before


async def some_rooms_know(connection: asyncpg.Connection, rooms: list[str]) -> bool:
    return (await counts(connection, rooms)).get("event", 0) > 0


async def nothing_waits(connection: asyncpg.Connection) -> bool:
    return not await connection.fetchval(WAITING)


async def titles_in(rooms: list[str], connection: asyncpg.Connection) -> dict[str, int]:
    """How many member events say which title."""
    found: dict[str, int] = {}
    for row in await connection.fetch(MEMBERS, rooms):
        title = json.loads(row["body"])["content"]["displayname"].split("-")[1]
        found[title] = found.get(title, 0) + 1
    return found
