"""The embedded PostgreSQL is started, shared by several processes, and stopped by the last."""

import asyncio
import os
import time
from pathlib import Path

import asyncpg
import psutil
import pytest

from myelin.engine import Engine, embedded_engine
from myelin.engine.locks import turn
from tests.database.engines import OtherUser, ask, cluster, made_dir, other_user, postmaster

__all__ = ["made_dir"]
pytestmark = pytest.mark.database

SECOND_START_LIMIT_S = 3


async def test_what_was_committed_is_there_at_the_second_start(data_dir: Path) -> None:
    async with embedded_engine(data_dir) as url:
        await ask(url, "CREATE TABLE kept AS SELECT 'ward 3' AS name")
    assert postmaster(data_dir) is None

    began = time.monotonic()
    async with embedded_engine(data_dir) as url:
        assert time.monotonic() - began < SECOND_START_LIMIT_S
        assert await ask(url, "SELECT name FROM kept") == "ward 3"
    assert postmaster(data_dir) is None


SAFE = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "data_checksums": "on",
    "server_encoding": "UTF8",
    "listen_addresses": "",
    "password_encryption": "scram-sha-256",
}


async def test_it_is_safe_by_default(made_dir: Path) -> None:
    async with embedded_engine(made_dir) as url:
        assert {setting: await ask(url, f"SHOW {setting}") for setting in SAFE} == SAFE


async def test_text_is_ordered_by_the_database_and_not_by_the_machine(made_dir: Path) -> None:
    async with embedded_engine(made_dir) as url:
        locale = "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = current_database()"
        assert await ask(url, locale) == "bC.UTF-8"
        assert await ask(url, "SELECT upper('é')") == "É"


async def test_a_site_may_tune_it_but_not_make_it_forget(made_dir: Path) -> None:
    tuning = made_dir / "postgresql" / "local.conf"
    tuning.write_text("work_mem = '9MB'\nfsync = off\n")
    tuning.chmod(0o644)
    try:
        async with embedded_engine(made_dir) as url:
            assert await ask(url, "SHOW work_mem") == "9MB"
            assert await ask(url, "SHOW fsync") == "on"
    finally:
        tuning.unlink()


async def test_nobody_comes_in_without_the_password(made_dir: Path) -> None:
    async with embedded_engine(made_dir) as url:
        password = (made_dir / "postgresql" / "password").read_text()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(url.replace(password, "wrong"))


async def test_it_listens_on_no_port_and_survives_ctrl_c(made_dir: Path) -> None:
    async with embedded_engine(made_dir):
        pid = postmaster(made_dir)
        assert pid is not None
        assert psutil.Process(pid).net_connections(kind="inet") == []
        assert os.getsid(pid) == pid


async def test_a_path_too_long_for_a_socket(data_dir: Path) -> None:
    deep = data_dir.joinpath(*["department of long names"] * 5)
    deep.mkdir(parents=True)
    data_dir.chmod(0o755)
    async with embedded_engine(deep) as url:
        assert await ask(url, "SELECT 1") == 1
        folder = Path(str(await ask(url, "SHOW unix_socket_directories")))
        assert not folder.is_relative_to(data_dir)
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()


async def test_neither_a_failing_statement_nor_its_row_reaches_the_log(made_dir: Path) -> None:
    async with embedded_engine(made_dir) as url:
        for statement in (
            "SELECT 'confided' FROM absent",
            "DO $$ BEGIN RAISE unique_violation USING DETAIL='confided'; END $$",
        ):
            with pytest.raises(asyncpg.PostgresError):
                await ask(url, statement)
    logs = "".join(path.read_text() for path in (cluster(made_dir) / "log").iterdir())
    assert "absent" in logs
    assert "confided" not in logs


def test_two_that_start_at_once_share_one_and_the_last_stops_it(data_dir: Path) -> None:
    first, second = OtherUser(data_dir), OtherUser(data_dir)
    try:
        assert (first.said(), second.said()) == ("ready", "ready")
        pid = postmaster(data_dir)
        assert pid is not None
        assert first.leave() == "left"
        assert postmaster(data_dir) == pid
        assert second.leave() == "left"
        assert postmaster(data_dir) is None
    finally:
        first.end()
        second.end()


async def test_a_command_alone_has_it_for_its_own_duration(made_dir: Path) -> None:
    async with embedded_engine(made_dir, serving=False) as url:
        assert await ask(url, "SELECT 1") == 1
    assert postmaster(made_dir) is None


async def test_a_command_beside_a_server_joins_and_leaves_it_running(made_dir: Path) -> None:
    with other_user(made_dir) as server:
        pid = postmaster(made_dir)
        async with embedded_engine(made_dir, serving=False) as url:
            assert await ask(url, "SELECT 1") == 1
        assert postmaster(made_dir) == pid
        assert server.leave() == "left"
    assert postmaster(made_dir) is None


async def test_a_command_that_outlasts_the_server_stops_it(made_dir: Path) -> None:
    with other_user(made_dir) as server:
        async with embedded_engine(made_dir, serving=False) as url:
            assert server.leave() == "left"
            assert await ask(url, "SELECT 1") == 1
    assert postmaster(made_dir) is None


def test_a_start_that_is_cancelled_leaves_nothing_running(made_dir: Path) -> None:
    async def cancelled() -> None:
        engine = Engine(made_dir)
        with turn(made_dir / "postgresql"):
            start = asyncio.create_task(engine.start())
            await asyncio.sleep(0)
            start.cancel()
            await asyncio.wait([start], timeout=0.1)  # its thread is waiting for the turn, and must not be forgotten
        with pytest.raises(asyncio.CancelledError):
            await start
        await engine.stop()

    # The run ends only when every thread has: one that went on by itself would have started the database by then.
    asyncio.run(cancelled())
    assert postmaster(made_dir) is None
