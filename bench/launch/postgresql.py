"""A PostgreSQL for a peer: durable as by default, with the memory that an administrator would give it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

from bench.launch.running import NotStarted, Process, free_port

SETTINGS = {
    "shared_buffers": "512MB",
    "effective_cache_size": "2GB",
    "work_mem": "16MB",
    "max_wal_size": "4GB",
    "listen_addresses": "127.0.0.1",
    "max_connections": "60",
}
USERS = ("postgres", "nobody")


class PostgreSql:
    """A cluster of its own in a directory, with one database `bench` of user `bench`."""

    def __init__(self, directory: Path, core: int | None) -> None:
        self.port = free_port()
        self.directory = directory / "postgresql"
        self._programs = programs()
        self._user = ordinary_user()
        self._create()
        settings = [f"--{name}={value}" for name, value in {**SETTINGS, "port": self.port}.items()]
        command = [str(self._programs / "postgres"), "-D", str(self.directory), "-k", str(self.directory), *settings]
        self._process = Process(command, self.directory / "server.log", core, user=self._user)
        self._process.wait_until(self._ready)
        self.run("CREATE DATABASE bench ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0", "postgres")

    @property
    def pid(self) -> int:
        return self._process.pid

    def run(self, statement: str, database: str = "bench") -> None:
        self._psql("-d", database, "-c", statement)

    def run_file(self, file: Path) -> None:
        self._psql("-d", "bench", "-f", str(file))

    def stop(self) -> None:
        self._process.stop(signal.SIGINT)

    def _create(self) -> None:
        self.directory.mkdir()
        if self._user is not None:
            shutil.chown(self.directory, self._user)
        command = [
            str(self._programs / "initdb"),
            "-D",
            str(self.directory),
            "-U",
            "bench",
            "--auth=trust",
            "-E",
            "UTF8",
        ]
        done = subprocess.run(command, user=self._user, cwd="/", capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise NotStarted(done.stderr[-2000:])

    def _ready(self) -> bool:
        return subprocess.run(self._connection("pg_isready"), capture_output=True, check=False).returncode == 0

    def _psql(self, *arguments: str) -> None:
        command = [*self._connection("psql"), "-q", "-v", "ON_ERROR_STOP=1", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def _connection(self, program: str) -> list[str]:
        return [str(self._programs / program), "-h", "127.0.0.1", "-p", str(self.port), "-U", "bench"]


def programs() -> Path:
    """The newest PostgreSQL that the system has."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if versions:
        return versions[-1]
    if (found := shutil.which("postgres")) is not None:
        return Path(found).resolve().parent
    raise NotStarted("PostgreSQL is needed for this peer: apt-get install postgresql")


def ordinary_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in USERS if name in known)
