"""ejabberd from Debian with group chat and its archive on, in the foreground, from a configuration of its own.

Its archive lies in Mnesia, which is ejabberd's default and quicker, but promises nothing of a message when the power
fails; or in PostgreSQL, which is durable as Myelin's log is.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bench.assignment import Target
from bench.launch.postgresql import PostgreSql
from bench.launch.running import DOMAIN, NotStarted, Process, answers, free_port

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGES = ("ejabberd", "erlang-p1-pgsql")
SCHEMA = Path("/usr/share/ejabberd/sql/pg.sql")
ERL = Path("/usr/bin/erl")
HELLO = (
    f"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='{DOMAIN}' version='1.0'>"
)
MODULES: Mapping[str, object] = {
    "mod_disco": {},
    "mod_register": {"ip_access": "all"},
    "mod_muc": {
        "access": "all",
        "access_create": "all",
        "access_mam": "all",
        "default_room_options": {"mam": True, "persistent": True, "anonymous": False},
    },
}


class Ejabberd:
    """ejabberd with one of two places for its archive."""

    def __init__(self, *, on_postgresql: bool) -> None:
        self.name = "ejabberd-postgresql" if on_postgresql else "ejabberd"
        self._on_postgresql = on_postgresql

    def install(self) -> None:
        if installed_version():
            return
        if os.geteuid() != 0:
            raise NotStarted(f"ejabberd is needed: sudo apt-get install --no-install-recommends {' '.join(PACKAGES)}")
        command = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *PACKAGES]
        subprocess.run(["apt-get", "update", "--quiet"], check=True, stdout=subprocess.DEVNULL)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=quiet)

    def version(self) -> str:
        return installed_version()

    def start(self, directory: Path, core: int | None, *, honest_passwords: bool) -> StartedEjabberd:
        database = PostgreSql(directory, core) if self._on_postgresql else None
        try:
            return StartedEjabberd(self.name, directory, core, database)
        except Exception:
            if database is not None:
                database.stop()
            raise


class StartedEjabberd:
    """A running ejabberd, and its PostgreSQL if it has one."""

    def __init__(self, name: str, directory: Path, core: int | None, database: PostgreSql | None) -> None:
        port, spool = free_port(), directory / "spool"
        spool.mkdir()
        (directory / "ejabberd.yml").write_bytes(msgspec.json.encode(configuration(port, database)))
        if database is not None:
            database.run_file(SCHEMA)
        self._database = database
        self._process = Process(command(spool), directory / "ejabberd.log", core, environment(directory))
        self._process.wait_until(lambda: answers(port, HELLO.encode(), b"<stream:"))
        directories = () if database is None else (str(database.directory),)
        files = (str(spool),) if database is None else ()
        self.target = Target(name, "xmpp", "127.0.0.1", port, DOMAIN, self._process.pid, directories, files)

    def stop(self) -> None:
        self._process.stop()
        if self._database is not None:
            self._database.stop()


def installed_version() -> str:
    query = ["dpkg-query", "--show", "--showformat", "${Version}", "ejabberd"]
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout.strip() if ERL.exists() else ""


def command(spool: Path) -> list[str]:
    """The Erlang machine without a name, so that it neither needs nor leaves a port mapper."""
    return [str(ERL), "-noinput", "+K", "true", "+P", "250000", "-mnesia", "dir", f'"{spool}"', "-s", "ejabberd"]


def environment(directory: Path) -> dict[str, str]:
    return {
        "EJABBERD_CONFIG_PATH": str(directory / "ejabberd.yml"),
        "EJABBERD_LOG_PATH": str(directory / "ejabberd-own.log"),
        "ERL_LIBS": str(next(Path("/usr/lib").glob("*/ejabberd-*")).parent),
        "ERL_CRASH_DUMP": "/dev/null",
        "HOME": str(directory),
    }


def configuration(port: int, database: PostgreSql | None) -> dict[str, object]:
    return {
        "hosts": [DOMAIN],
        "loglevel": "warning",
        "listen": [{"port": port, "ip": "127.0.0.1", "module": "ejabberd_c2s", "shaper": "none", "access": "all"}],
        "registration_timeout": "infinity",
        "modules": {**MODULES, "mod_mam": {"db_type": "mnesia" if database is None else "sql", "default": "always"}},
        **({} if database is None else sql(database)),
    }


def sql(database: PostgreSql) -> dict[str, object]:
    return {
        "sql_type": "pgsql",
        "sql_server": "127.0.0.1",
        "sql_port": database.port,
        "sql_database": "bench",
        "sql_username": "bench",
        "sql_pool_size": 10,
    }
