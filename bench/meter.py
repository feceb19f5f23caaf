"""CPU time, memory and disk of a server and its database, read from outside.

A reading adds up every living process of the tree and the children that each of them has already waited for, so work
done by a short-lived backend is not lost.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import psutil

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.assignment import Target


class Usage(msgspec.Struct, frozen=True):
    """CPU seconds used so far."""

    server_s: float
    database_s: float

    def since(self, earlier: Usage) -> Usage:
        return Usage(self.server_s - earlier.server_s, self.database_s - earlier.database_s)

    @property
    def total_s(self) -> float:
        return self.server_s + self.database_s


class Meter:
    """Reads one server: the tree below its process, and every PostgreSQL whose files lie in its directories."""

    def __init__(self, target: Target) -> None:
        self._server = psutil.Process(target.pid)
        self._directories = tuple(Path(directory) for directory in target.database_directories)
        self._disk_paths = tuple(Path(path) for path in target.disk_paths)
        self._postmasters = [psutil.Process(pid) for pid in postmaster_pids(self._directories)]

    def usage(self) -> Usage:
        database = self._database()
        return Usage(cpu_s(self._own(database)), cpu_s(database.values()))

    def resident_bytes(self) -> int:
        """Resident memory of the server without its PostgreSQL."""
        return sum(resident_bytes(process) for process in self._own(self._database()))

    def disk_bytes(self) -> int:
        """Allocated bytes of tables and indexes; PostgreSQL's write-ahead log, which is reused, does not count."""
        tables = (path / "base" for path in postgresql_directories(self._directories))
        return sum(allocated_bytes(path) for path in (*tables, *self._disk_paths))

    def _own(self, database: dict[int, psutil.Process]) -> list[psutil.Process]:
        return [process for pid, process in tree(self._server).items() if pid not in database]

    def _database(self) -> dict[int, psutil.Process]:
        return {pid: process for postmaster in self._postmasters for pid, process in tree(postmaster).items()}


def postgresql_directories(directories: Iterable[Path]) -> list[Path]:
    return [path.parent for directory in directories for path in sorted(directory.rglob("postmaster.pid"))]


def postmaster_pids(directories: Iterable[Path]) -> list[int]:
    files = (directory / "postmaster.pid" for directory in postgresql_directories(directories))
    return [int(file.read_text().split()[0]) for file in files]


def tree(root: psutil.Process) -> dict[int, psutil.Process]:
    return {process.pid: process for process in (root, *root.children(recursive=True))}


def cpu_s(processes: Iterable[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def resident_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def allocated_bytes(path: Path) -> int:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_blocks * 512 for file in files)
