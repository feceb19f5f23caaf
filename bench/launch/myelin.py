"""Myelin as in the ward: embedded PostgreSQL, everything on, only registration open and rate limits off."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from typing import TYPE_CHECKING

from bench.assignment import Target
from bench.launch.running import DOMAIN, Process, answers, free_port

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = {
    "MYELIN_SERVER_NAME": DOMAIN,
    "MYELIN_REGISTRATION": "open",
    "MYELIN_RATE_LIMITS": "false",
    "MYELIN_REQUIRE_ENCRYPTION": "false",
    "MYELIN_LOG_LEVEL": "warning",
}
QUICK_PASSWORDS = {"MYELIN_PASSWORD_COST": "low"}


class Myelin:
    """The server of this repository."""

    name = "myelin"

    def install(self) -> None:
        """It is installed where the bench runs."""

    def version(self) -> str:
        commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
        return f"{metadata.version('myelin')} ({commit.stdout.strip() or 'no commit'})"

    def start(self, directory: Path, core: int | None, *, honest_passwords: bool) -> StartedMyelin:
        return StartedMyelin(directory, core, honest_passwords=honest_passwords)


class StartedMyelin:
    """A running Myelin; its database is below its data directory and ends with it."""

    def __init__(self, directory: Path, core: int | None, *, honest_passwords: bool) -> None:
        port, place = free_port(), directory / "data"
        environment = {
            **SETTINGS,
            **({} if honest_passwords else QUICK_PASSWORDS),
            "MYELIN_LISTEN": f"127.0.0.1:{port}",
            "MYELIN_DATA_DIR": str(place),
        }
        self._process = Process([sys.executable, "-m", "myelin", "serve"], directory / "myelin.log", core, environment)
        self._process.wait_until(lambda: answers(port))
        self.target = Target("myelin", "matrix", "127.0.0.1", port, DOMAIN, self._process.pid, (str(place),), ())

    def stop(self) -> None:
        self._process.stop()
