"""Synapse from PyPI in a virtual environment of its own, set up as an expert would for this load.

Large caches, no presence, no federation, no rate limits, warnings only in the log; on SQLite or on PostgreSQL.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bench.assignment import Target
from bench.launch.postgresql import PostgreSql
from bench.launch.running import DOMAIN, Process, answers, free_port

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGES = ("matrix-synapse[postgres]==1.163.2",)
ENVIRONMENT = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "myelin-bench" / "synapse"
PYTHON = ENVIRONMENT / "bin" / "python"
NO_LIMIT = {"per_second": 1_000_000, "burst_count": 1_000_000}
LIMITS: Mapping[str, object] = {
    "rc_message": NO_LIMIT,
    "rc_registration": NO_LIMIT,
    "rc_login": {"address": NO_LIMIT, "account": NO_LIMIT, "failed_attempts": NO_LIMIT},
    "rc_joins": {"local": NO_LIMIT, "remote": NO_LIMIT},
    "rc_joins_per_room": NO_LIMIT,
    "rc_invites": {"per_room": NO_LIMIT, "per_user": NO_LIMIT, "per_issuer": NO_LIMIT},
    "rc_room_creation": NO_LIMIT,
    "rc_admin_redaction": NO_LIMIT,
    "rc_presence": {"per_user": NO_LIMIT},
}
EVERY_ANSWER_ANEW = {"sync_response_cache_duration": "0s"}
CACHES = {"global_factor": 10.0, "event_cache_size": "100K", **EVERY_ANSWER_ANEW}
LOGGING = {
    "version": 1,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"level": "WARNING", "handlers": ["console"]},
    "disable_existing_loggers": False,
}


class Synapse:
    """Synapse with one of its two databases."""

    def __init__(self, *, on_postgresql: bool) -> None:
        self.name = "synapse-postgresql" if on_postgresql else "synapse"
        self._on_postgresql = on_postgresql

    def install(self) -> None:
        if not (ENVIRONMENT / "bin" / "synapse_homeserver").exists():
            ENVIRONMENT.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
            subprocess.run([str(PYTHON), "-m", "pip", "install", "--quiet", *PACKAGES], check=True)

    def version(self) -> str:
        question = [str(PYTHON), "-c", "import importlib.metadata as m; print(m.version('matrix-synapse'))"]
        return subprocess.run(question, capture_output=True, text=True, check=True).stdout.strip()

    def start(self, directory: Path, core: int | None, *, honest_passwords: bool) -> StartedSynapse:
        database = PostgreSql(directory, core) if self._on_postgresql else None
        try:
            return StartedSynapse(self.name, directory, core, database, honest_passwords=honest_passwords)
        except Exception:
            if database is not None:
                database.stop()
            raise


class StartedSynapse:
    """A running Synapse, and its PostgreSQL if it has one."""

    def __init__(
        self, name: str, directory: Path, core: int | None, database: PostgreSql | None, *, honest_passwords: bool
    ) -> None:
        port = free_port()
        settings = configuration(directory, port, database, 12 if honest_passwords else 4)
        # YAML contains JSON, so the settings need no YAML library.
        (directory / "homeserver.yaml").write_bytes(msgspec.json.encode(settings))
        (directory / "log.yaml").write_bytes(msgspec.json.encode(LOGGING))
        arguments = ["-m", "synapse.app.homeserver", "-c", "homeserver.yaml"]
        subprocess.run([str(PYTHON), *arguments, "--generate-keys"], check=True, cwd=directory, capture_output=True)
        self._database = database
        self._process = Process([str(PYTHON), *arguments], directory / "synapse.log", core)
        self._process.wait_until(lambda: answers(port))
        files = () if database is not None else (str(directory / "database"),)
        directories = () if database is None else (str(database.directory),)
        self.target = Target(name, "matrix", "127.0.0.1", port, DOMAIN, self._process.pid, directories, files)

    def stop(self) -> None:
        self._process.stop()
        if self._database is not None:
            self._database.stop()


def configuration(directory: Path, port: int, database: PostgreSql | None, bcrypt_rounds: int) -> dict[str, object]:
    return {
        "server_name": DOMAIN,
        "pid_file": str(directory / "synapse.pid"),
        "listeners": [
            {"port": port, "bind_addresses": ["127.0.0.1"], "type": "http", "resources": [{"names": ["client"]}]}
        ],
        "database": sqlite(directory) if database is None else postgresql(database),
        "log_config": str(directory / "log.yaml"),
        "media_store_path": str(directory / "media"),
        "signing_key_path": str(directory / "signing.key"),
        "report_stats": False,
        "enable_metrics": False,
        "enable_registration": True,
        "enable_registration_without_verification": True,
        "registration_shared_secret": "bench",
        "macaroon_secret_key": "bench",
        "form_secret": "bench",
        "bcrypt_rounds": bcrypt_rounds,
        "presence": {"enabled": False},
        "federation_domain_whitelist": [],
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        "caches": CACHES,
        **LIMITS,
    }


def sqlite(directory: Path) -> dict[str, object]:
    place = directory / "database"
    place.mkdir()
    return {"name": "sqlite3", "args": {"database": str(place / "homeserver.db")}}


def postgresql(database: PostgreSql) -> dict[str, object]:
    arguments = {
        "user": "bench",
        "dbname": "bench",
        "host": "127.0.0.1",
        "port": database.port,
        "cp_min": 5,
        "cp_max": 10,
    }
    return {"name": "psycopg2", "args": arguments}
