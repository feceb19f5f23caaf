"""What the embedded PostgreSQL survives: the death of its server, its own, and what the dead leave behind."""

import asyncio
import logging
import os
import signal
import subprocess
from pathlib import Path

import pytest

from myelin.engine import Engine, EngineError, embedded_engine
from tests.database.engines import (
    LIMIT_S,
    ask,
    child,
    cluster,
    made_dir,
    other_user,
    postmaster,
    start_and_stop,
    until,
)

__all__ = ["made_dir"]
pytestmark = [pytest.mark.database, pytest.mark.crash]


class Restarts:
    """Each new start of a database under supervision, to be waited for."""

    def __init__(self) -> None:
        self._happened = asyncio.Event()

    async def happened(self) -> None:
        self._happened.set()

    async def next(self) -> None:
        async with asyncio.timeout(LIMIT_S):
            await self._happened.wait()
        self._happened.clear()


def kill_postmaster(data_dir: Path) -> None:
    pid = postmaster(data_dir)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


async def test_a_killed_postmaster_is_started_again_with_all_that_was_committed(made_dir: Path) -> None:
    restarts = Restarts()
    async with embedded_engine(made_dir, on_restart=restarts.happened) as url:
        await ask(url, "CREATE TABLE committed AS SELECT 1 AS one")
        for _ in range(2):
            kill_postmaster(made_dir)
            await restarts.next()
            assert await ask(url, "SELECT one FROM committed") == 1
    assert postmaster(made_dir) is None


async def test_a_start_waits_for_the_children_of_a_killed_postmaster(made_dir: Path) -> None:
    with other_user(made_dir) as killed:
        pid = postmaster(made_dir)
        assert pid is not None
        stopped = child(pid, "checkpointer")
        killed.kill()
    # A child that cannot run cannot notice the death of its parent, and still holds the shared memory.
    os.kill(stopped, signal.SIGSTOP)
    os.kill(pid, signal.SIGKILL)
    engine = Engine(made_dir)
    start = asyncio.create_task(engine.start())
    try:
        await until(lambda: "shared memory block" in (made_dir / "postgresql" / "start.log").read_text())
        assert not start.done()
        os.kill(stopped, signal.SIGCONT)
        assert await ask(await start, "SELECT 1") == 1
    finally:
        os.kill(stopped, signal.SIGCONT)
        await asyncio.wait([start])
        await engine.stop()


async def test_a_restart_that_fails_is_tried_again(made_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    mistake = made_dir / "postgresql" / "local.conf"
    restarts = Restarts()
    async with embedded_engine(made_dir, on_restart=restarts.happened) as url:
        mistake.write_text("shared_buffers = 'much'\n")
        mistake.chmod(0o644)
        with caplog.at_level(logging.ERROR):
            kill_postmaster(made_dir)
            await until(lambda: "still down" in caplog.text)
        mistake.unlink()
        await restarts.next()
        assert await ask(url, "SELECT 1") == 1


def test_a_database_left_by_a_killed_server_is_adopted_by_the_next(made_dir: Path) -> None:
    with other_user(made_dir) as killed:
        pid = postmaster(made_dir)
        killed.kill()
    assert postmaster(made_dir) == pid
    with other_user(made_dir, serving=False) as command:
        assert command.leave() == "left"
    assert postmaster(made_dir) == pid
    with other_user(made_dir) as server:
        assert postmaster(made_dir) == pid
        assert server.leave() == "left"
    assert postmaster(made_dir) is None


async def test_the_number_of_a_dead_postmaster_may_belong_to_another_program(made_dir: Path) -> None:
    owner = cluster(made_dir).stat()
    stranger = subprocess.Popen(["sleep", str(LIMIT_S)], user=owner.st_uid if os.geteuid() == 0 else None)
    sockets = made_dir / "postgresql" / "socket"
    marks = [cluster(made_dir) / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"]
    try:
        for mark in marks:
            mark.write_text(f"{stranger.pid}\n{cluster(made_dir)}\n1\n5432\n{sockets}\n\n1 1\nready\n")
            os.chown(mark, owner.st_uid, owner.st_gid)
        async with embedded_engine(made_dir) as url:
            assert await ask(url, "SELECT 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


async def test_a_first_start_that_was_interrupted_is_made_anew(data_dir: Path) -> None:
    half = data_dir / "postgresql" / "unfinished"
    half.mkdir(parents=True, mode=0o700)
    (half / "PG_VERSION").write_text("18\n")
    data_dir.joinpath("postgresql").chmod(0o700)
    await start_and_stop(data_dir)
    assert not half.exists()


async def test_files_of_another_version_are_left_alone(made_dir: Path) -> None:
    version = cluster(made_dir) / "PG_VERSION"
    version.write_text("19\n")
    try:
        with pytest.raises(EngineError, match="of PostgreSQL 19, the installed one is 18"):
            await start_and_stop(made_dir)
    finally:
        version.write_text("18\n")
    await start_and_stop(made_dir)
