"""What the engine's tests share: a cluster made once, users of it in other processes, a look from outside."""

import asyncio
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from myelin.engine import embedded_engine
from tests.databases import temporary_data_dir

ROOT = Path(__file__).parents[2]
LIMIT_S = 15


@pytest.fixture(scope="module")
def made_dir() -> Iterator[Path]:
    """A `data_dir` whose cluster is made, with nobody using it: the tests of one module start and stop it."""
    with temporary_data_dir() as folder:
        asyncio.run(start_and_stop(folder))
        yield folder


async def start_and_stop(data_dir: Path) -> None:
    async with embedded_engine(data_dir):
        pass


async def ask(url: str, statement: str) -> object:
    """The one value that a statement returns."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def until(true: Callable[[], bool]) -> None:
    """Looks from outside until something is so; fails when it never is."""
    async with asyncio.timeout(LIMIT_S):
        while not true():  # noqa: ASYNC110  what is looked at is not ours and rings no bell
            await asyncio.sleep(0.01)


def cluster(data_dir: Path) -> Path:
    return data_dir / "postgresql" / "cluster"


def postmaster(data_dir: Path) -> int | None:
    """The process that serves this `data_dir`, as the system sees it: its children stand where it stands."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    family = [pid for pid in pids if stands_in(pid, cluster(data_dir))]
    return next((pid for pid in family if parent(pid) not in family), None)


def stands_in(pid: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").samefile(folder)
    except OSError:
        return False


def parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def child(pid: int, title: str) -> int:
    """The child of a postmaster that calls itself so."""
    pids = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return next(int(child) for child in pids if title in Path(f"/proc/{child}/cmdline").read_text())


class OtherUser:
    """A process that uses the engine, until it is told to leave or killed."""

    def __init__(self, data_dir: Path, *, serving: bool = True, account: str | None = None) -> None:
        kind = "server" if serving else "command"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.database.engine_user", data_dir, kind, *([account] if account else [])],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *sys.path[1:]])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def said(self) -> str:
        """Its next word: "ready", "left", or why not."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def leave(self) -> str:
        assert self._process.stdin is not None
        self._process.stdin.close()
        said = self.said()
        self._process.wait(LIMIT_S)
        return said

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(LIMIT_S)

    def end(self) -> None:
        with self._process:
            self._process.kill()


@contextmanager
def other_user(data_dir: Path, *, serving: bool = True, account: str | None = None) -> Iterator[OtherUser]:
    """A user of the engine that is ready."""
    user = OtherUser(data_dir, serving=serving, account=account)
    try:
        assert user.said() == "ready"
        yield user
    finally:
        user.end()


def ordinary_account() -> pwd.struct_passwd:
    """Ourselves, or when we are root somebody who is not."""
    return pwd.getpwuid(os.geteuid()) if os.geteuid() else pwd.getpwnam("nobody")
