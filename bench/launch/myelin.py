"""Myelin as in the ward: embedded PostgreSQL, everything on, only registration open and rate limits off."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from importlib import metadata
from typing import TYPE_CHECKING

import psutil

from bench.assignment import Target
from bench.launch.running import DOMAIN, STOP_S, Process, answers, free_port
from bench.meter import postmaster_pids

if TYPE_CHECKING:
    from collections.abc import Mapping
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

    def __init__(
        self, directory: Path, core: int | None, *, honest_passwords: bool, wishes: Mapping[str, str] | None = None
    ) -> None:
        port, place = free_port(), directory / "data"
        self.environment = {
            **SETTINGS,
            **({} if honest_passwords else QUICK_PASSWORDS),
            "MYELIN_LISTEN": f"127.0.0.1:{port}",
            "MYELIN_DATA_DIR": str(place),
            **(wishes or {}),
        }
        command = [sys.executable, "-m", "myelin", "serve"]
        self._process = Process(command, directory / "myelin.log", core, self.environment)
        self._place = place
        self._process.wait_until(lambda: answers(port))
        self.target = Target("myelin", "matrix", "127.0.0.1", port, DOMAIN, self._process.pid, (str(place),), ())

    def stop(self) -> None:
        """A server that was killed leaves its database running; it must not disturb the next turn."""
        self._process.stop()
        for pid in postmaster_pids([self._place]):
            print(f"  myelin left its database running (process {pid}): stopping it", flush=True)
            end(pid)


def end(pid: int) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        postmaster = psutil.Process(pid)
        postmaster.send_signal(signal.SIGINT)
        postmaster.wait(STOP_S)
