"""One running PostgreSQL: found by its own `postmaster.pid`, started, waited for and stopped.

A number in a file proves nothing: the machine may have been started again since, and given it to somebody else.
So a postmaster counts only when it runs as the account and stands in its cluster folder, as PostgreSQL always does.
"""

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from myelin.engine.account import Account
from myelin.engine.binaries import Binaries
from myelin.engine.errors import EngineError
from myelin.engine.layout import SOCKET, Layout, make_private, open_private

# Recovery after a crash replays at most max_wal_size; a fast shutdown writes one checkpoint.
READY_TIMEOUT_S = 600.0
STOP_TIMEOUT_S = 60.0
POLL_S = 0.01
# After `kill -9` of a postmaster its children need a moment to notice; until then a new one refuses to start.
LEAVING_TIMEOUT_S = 10.0
STILL_LEAVING = ("lock file", "shared memory block")


@dataclass(frozen=True)
class Postmaster:
    """A postmaster that was alive when found: its number, its socket folder, and its own word for its state."""

    pid: int
    cluster: Path
    uid: int
    socket_folder: Path
    status: str

    def alive(self) -> bool:
        return _stands_in(self.pid, self.cluster, self.uid)


def find_postmaster(cluster: Path, account: Account) -> Postmaster | None:
    """The postmaster that serves this cluster now, whoever started it."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    if not _stands_in(pid, cluster, account.uid):
        return None
    # Its lines appear one after the other: process, folder, start time, port, socket folder, address, memory, status.
    lines += [""] * 8
    return Postmaster(pid, cluster, account.uid, Path(lines[4]), lines[7].strip())


def _stands_in(pid: int, cluster: Path, uid: int) -> bool:
    try:
        return Path(f"/proc/{pid}").stat().st_uid == uid and Path(f"/proc/{pid}/cwd").samefile(cluster)
    except (FileNotFoundError, PermissionError, ProcessLookupError):
        return False


def wait_until_ready(cluster: Path, account: Account) -> Postmaster | None:
    """The running postmaster once it takes connections; None when there is none, or when it went away meanwhile."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    while (found := find_postmaster(cluster, account)) is not None:
        if found.status == "ready":
            return found
        if time.monotonic() > deadline:
            raise EngineError(f"The database in {cluster} is {found.status or 'starting'} for too long: see its log.")
        time.sleep(POLL_S)
    return None


def start_postmaster(
    layout: Layout, binaries: Binaries, account: Account
) -> tuple[Postmaster, subprocess.Popen[bytes]]:
    """A postmaster of our own, ready for connections, and its process for us to bury."""
    deadline = time.monotonic() + LEAVING_TIMEOUT_S
    while True:
        child = _launch(layout, binaries, account)
        while child.poll() is None:
            ready = wait_until_ready(layout.cluster, account)
            if ready is not None and ready.pid == child.pid:
                return ready, child
            time.sleep(POLL_S)
        reason = layout.start_log.read_text(errors="replace")
        if time.monotonic() > deadline or not any(sign in reason for sign in STILL_LEAVING):
            raise EngineError(f"PostgreSQL does not start: {_fatal(reason)} (see {layout.start_log})")
        time.sleep(0.1)


def _launch(layout: Layout, binaries: Binaries, account: Account) -> subprocess.Popen[bytes]:
    sockets = layout.socket_folder(account)
    make_private(sockets, account)
    _clear_marks(layout.cluster, sockets, account)
    log = open_private(layout.start_log, account)
    configuration = f"config_file={layout.configuration}"
    try:
        return account.spawn([binaries.postgres, "-D", layout.cluster, "-c", configuration, "-k", sockets], log)
    finally:
        os.close(log)


def _fatal(reason: str) -> str:
    lines = [line for line in reason.splitlines() if "FATAL" in line] or reason.splitlines()
    return lines[0].partition("FATAL:")[2].strip() or lines[0] if lines else "it gave no reason"


def _clear_marks(cluster: Path, sockets: Path, account: Account) -> None:
    # What a killed postmaster leaves names its number. PostgreSQL refuses to start when another program has that
    # number by now (soon so in a container), because it cannot tell; we can. The shared memory of one that does
    # live still keeps a second one away from the files.
    if find_postmaster(cluster, account) is None:
        for mark in (cluster / "postmaster.pid", sockets / f"{SOCKET}.lock", sockets / SOCKET):
            mark.unlink(missing_ok=True)


def stop_postmaster(postmaster: Postmaster) -> None:
    """Ends sessions, writes a checkpoint and waits for the end; without an answer in time, ends as a crash would."""
    for sign in (signal.SIGINT, signal.SIGQUIT):
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while postmaster.alive() and time.monotonic() < deadline:
            _signal(postmaster, sign)
            _wait_a_second_for_end(postmaster)
    if postmaster.alive():
        raise EngineError(f"The database in {postmaster.cluster} does not stop: process {postmaster.pid} is stuck.")


def _signal(postmaster: Postmaster, sign: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(postmaster.pid, sign)


def _wait_a_second_for_end(postmaster: Postmaster) -> None:
    for _ in range(int(1 / POLL_S)):
        if not postmaster.alive():
            return
        time.sleep(POLL_S)
