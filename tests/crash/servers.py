"""Server processes that are started, killed and stopped in the middle of a story.

Owns their lives; `tests.servers` knows their settings.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg
import psutil

from myelin.engine import embedded_engine
from tests.crash.wire import Answer, Lost, Wire
from tests.servers import free_port, settings

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0
LOOK_INTERVAL_S = 0.02


async def until(true: Callable[[], bool | Awaitable[bool]], what: str, timeout_s: float = 30.0) -> None:
    """Looks until something is so; fails with `what` was missed when it never is."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        found = true()
        if found if isinstance(found, bool) else await found:
            return
        await asyncio.sleep(LOOK_INTERVAL_S)
    raise AssertionError(f"not within {timeout_s} s: {what}")


class Server:
    """One server, to be killed as a crash would or stopped as an administrator would, and started again.

    Without `database_url` its database is the embedded one of `data_dir`. The end of the block kills what is left.
    """

    def __init__(self, data_dir: Path, database_url: str = "", name: str = "server", **wishes: str) -> None:
        self.port = free_port()
        # Beside the folder: a disk that is full must not silence the server.
        self.said = data_dir.with_name(f"{data_dir.name}.{name}.output")
        self._environment = settings(data_dir, self.port, database_url, **wishes)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if error is not None:
            print(f"--- {self.said.name}\n{self.output()}")
        self.said.unlink(missing_ok=True)

    def use(self, database_url: str) -> None:
        """Has the next start find another database."""
        self._environment["MYELIN_DATABASE_URL"] = database_url

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self) -> float:
        """Starts it and waits until it answers; how long that took in seconds."""
        began = time.monotonic()
        with self.said.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "myelin", "serve"],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        await until(self._answers_or_ended, "the server answers", START_TIMEOUT_S)
        assert self.is_running, self.output()
        return time.monotonic() - began

    async def kill(self) -> None:
        """Ends it as a crash would."""
        assert self._process is not None
        self._process.kill()
        await asyncio.to_thread(self._process.wait, STOP_TIMEOUT_S)

    async def stop(self) -> int:
        """Asks it to end; its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def ended(self) -> int:
        """Waits for its end; its exit code."""
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait, STOP_TIMEOUT_S)

    async def ask(self, method: str, path: str, token: str | None = None) -> Answer:
        """One request on a connection of its own."""
        wire = Wire(self.port)
        try:
            return await wire.ask(method, path, token)
        finally:
            wire.close()

    def output(self) -> str:
        """The last of what it wrote."""
        return self.said.read_text(errors="replace")[-6000:] if self.said.exists() else ""

    async def _answers_or_ended(self) -> bool:
        try:
            return not self.is_running or (await self.ask("GET", "/_matrix/client/versions")).status == 200
        except Lost:
            return False


@asynccontextmanager
async def connected(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A look into a database past the server."""
    connection = await asyncpg.connect(database_url)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def beside(data_dir: Path) -> AsyncIterator[asyncpg.Connection]:
    """A look into the embedded database of `data_dir`, as a command beside the servers has it."""
    async with embedded_engine(data_dir, serving=False) as url, connected(url) as connection:
        yield connection


def postmaster(data_dir: Path) -> psutil.Process | None:
    """The process of the embedded database: its family stands in the folder of its files."""
    cluster = data_dir / "postgresql" / "cluster"
    family = list(standing_in(cluster))
    pids = {process.pid for process in family}
    return next((process for process in family if process.ppid() not in pids), None)


def standing_in(folder: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if Path(f"/proc/{process.pid}/cwd").samefile(folder):
                yield process
        except OSError:
            continue


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
