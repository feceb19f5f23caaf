"""A PostgreSQL of a test's own, to be killed, frozen, filled and started again: nobody else supervises it."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from myelin.engine import Engine
from tests.crash.servers import kill, postmaster, standing_in, until


class Database:
    """The PostgreSQL of one `data_dir`; `url` is that of its database for a server."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._engine = Engine(data_dir)
        self.url = ""

    @property
    def is_running(self) -> bool:
        return postmaster(self._data_dir) is not None

    async def start(self) -> None:
        """Starts it, or starts it again."""
        self.url = await self._engine.start()

    async def kill(self) -> None:
        """Ends it as a crash would, and waits until nothing of it is left."""
        running = postmaster(self._data_dir)
        assert running is not None
        kill(running.pid)
        await until(lambda: not self._family(), "the database is gone")

    def freeze(self) -> None:
        """Lets it keep its connections and answer nothing."""
        for process in self._family():
            process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        for process in self._family():
            process.send_signal(signal.SIGCONT)

    async def stop(self) -> None:
        self.thaw()
        await self._engine.stop()

    def _family(self) -> list[psutil.Process]:
        return list(standing_in(self._data_dir / "postgresql" / "cluster"))


@asynccontextmanager
async def own_database(data_dir: Path) -> AsyncIterator[Database]:
    """A database that runs, stopped at the end."""
    database = Database(data_dir)
    try:
        await database.start()
        yield database
    finally:
        await database.stop()
