"""SQLite: one thread has the file; whatever is asked while it writes goes into its next commit."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from myelin_gateway.delivery.database import Row, Step, StoreUnavailable, Value, named_queries

# What one commit holds at most: a sender waits for no more than these.
GROUP_LIMIT = 256

Answer = asyncio.Future[Sequence[Sequence[Row]]]
Job = tuple[Sequence[Step], Answer]


class SqliteDatabase:
    """A file. The thread ends with `close`, after everything that was asked before."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._queries = named_queries("queries.sql")
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="gateway store", daemon=True)
        self._loop = asyncio.get_running_loop()
        self._is_open: asyncio.Future[None] = self._loop.create_future()

    async def open(self) -> SqliteDatabase:
        """Make the tables where there are none, and begin; raises sqlite3.Error."""
        self._thread.start()
        await self._is_open
        return self

    async def run(self, steps: Sequence[Step]) -> Sequence[Sequence[Row]]:
        answer: Answer = self._loop.create_future()
        self._jobs.put((steps, answer))
        # Whoever stops waiting does not undo what is being written.
        try:
            return await asyncio.shield(answer)
        except sqlite3.Error as error:
            raise StoreUnavailable(type(error).__name__) from error

    async def close(self) -> None:
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        try:
            connection = opened(self._path)
        except sqlite3.Error as error:
            self._tell(self._is_open, error)
            return
        self._loop.call_soon_threadsafe(self._is_open.set_result, None)
        goes_on = True
        while goes_on:
            jobs, goes_on = self._next_group()
            self._commit_together(connection, jobs)
        connection.close()

    def _next_group(self) -> tuple[list[Job], bool]:
        """Wait for a job, then take whatever else is there; false at the end."""
        group = [self._jobs.get()]
        with suppress(Empty):
            while group[-1] is not None and len(group) < GROUP_LIMIT:
                group.append(self._jobs.get_nowait())
        return [job for job in group if job is not None], group[-1] is not None

    def _commit_together(self, connection: sqlite3.Connection, jobs: Sequence[Job]) -> None:
        done: list[tuple[Answer, Sequence[Sequence[Row]]]] = []
        try:
            connection.execute("BEGIN IMMEDIATE")
            for steps, answer in jobs:
                try:
                    done.append((answer, run_together(connection, self._queries, steps)))
                except sqlite3.Error as error:
                    self._tell(answer, error)
            # A crash before this line leaves nothing of the group; after it, all of it, told or not.
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            for _steps, answer in jobs:
                self._tell(answer, error)
            return
        for answer, rows in done:
            self._tell(answer, rows)

    def _tell(self, answer: asyncio.Future[None] | Answer, result: object) -> None:
        def tell() -> None:
            if answer.done():
                return
            if isinstance(result, BaseException):
                answer.set_exception(result)
            else:
                answer.set_result(result)  # type: ignore[arg-type]

        self._loop.call_soon_threadsafe(tell)


def opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=10)
    connection.execute("PRAGMA journal_mode = WAL")
    # The acknowledgement says that the bytes are on disk.
    connection.execute("PRAGMA synchronous = FULL")
    for query in named_queries("sqlite.sql").values():
        connection.execute(query)
    return connection


def run_together(
    connection: sqlite3.Connection, queries: Mapping[str, str], steps: Sequence[Step]
) -> Sequence[Sequence[Row]]:
    """Run the steps of one job; its failure undoes this job alone."""
    connection.execute("SAVEPOINT job")
    try:
        found = [connection.execute(queries[name], by_number(values)).fetchall() for name, values in steps]
    except sqlite3.Error:
        connection.execute("ROLLBACK TO job")
        raise
    finally:
        connection.execute("RELEASE job")
    return found


def by_number(values: tuple[Value, ...]) -> dict[str, Value]:
    """Return the values as SQLite binds `$1`, which is a name to it."""
    return {str(number): value for number, value in enumerate(values, start=1)}
