"""A server as the bench holds it: how it is started, and a started one that must be stopped."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from bench.assignment import Target

START_S = 60.0
STOP_S = 20.0
DOMAIN = "bench.example"


class NotStarted(Exception):
    """The server did not come up; the end of its log says why."""


class Started(Protocol):
    """A running server."""

    target: Target

    def stop(self) -> None:
        """Return when the server and its database are gone."""


class Server(Protocol):
    """A kind of server that can be installed and started."""

    name: str

    def install(self) -> None:
        """Return when it can be started; does nothing when it is there."""

    def version(self) -> str: ...

    def start(self, directory: Path, core: int | None, *, honest_passwords: bool) -> Started:
        """A server on an empty directory, with passwords hashed quickly or as in the ward."""


class Process:
    """A child in a session of its own, pinned to a core, writing into a log file."""

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        core: int | None,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> None:
        self.log = log
        with log.open("ab") as output:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                cwd=log.parent,
                user=user,
                start_new_session=True,
                preexec_fn=lambda: settle_in(core),  # noqa: PLW1509 - the bench has one thread
            )
        self.pid = self._child.pid

    def wait_until(self, ready: Callable[[], bool]) -> None:
        end_s = time.monotonic() + START_S
        while not ready():
            if self._child.poll() is not None or time.monotonic() > end_s:
                self.stop()
                raise NotStarted(self.log.read_text(errors="replace")[-2000:])
            time.sleep(0.1)

    def stop(self, polite: signal.Signals = signal.SIGTERM) -> None:
        self._signal(polite)
        try:
            self._child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._child.wait()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._child.send_signal(number)


def settle_in(core: int | None) -> None:
    """The child's core and as many open files as it may have."""
    if core is not None:
        os.sched_setaffinity(0, {core})
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def answers(
    port: int, question: bytes = b"GET /_matrix/client/versions HTTP/1.0\r\n\r\n", sign: bytes = b" 200 "
) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(question)
            return sign in connection.recv(1000)
    except OSError:
        return False
