"""Who may start or stop the database now, and who is using it.

Both are locks on files that the kernel drops when their holder dies, however it dies.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from myelin.engine.errors import EngineError

# Longer than a first start on a slow disk, or a recovery after a crash, of the one who has the turn.
TURN_TIMEOUT_S = 180.0
TURN_POLL_S = 0.02


@contextmanager
def turn(home: Path) -> Iterator[None]:
    """One process at a time starts or stops the database; the others wait here."""
    lock = _open(home / "turn.lock")
    try:
        _wait_for(lock, home)
        yield
    finally:
        os.close(lock)


def _wait_for(lock: int, home: Path) -> None:
    deadline = time.monotonic() + TURN_TIMEOUT_S
    while not _try(lock, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            raise EngineError(f"Another process has been starting the database in {home} for too long: look at it.")
        time.sleep(TURN_POLL_S)


class Use:
    """Our mark that the database is in use, held until `end`. Taken and given back only during our turn."""

    def __init__(self, home: Path) -> None:
        self._lock = _open(home / "users.lock")
        # Nobody else had a mark: then a database that runs was left behind by somebody who was killed.
        self.first = _try(self._lock, fcntl.LOCK_EX)
        _try(self._lock, fcntl.LOCK_SH)

    def end(self) -> bool:
        """Gives the mark back, and says whether it was the last one."""
        last = _try(self._lock, fcntl.LOCK_EX)
        os.close(self._lock)
        return last


def _open(path: Path) -> int:
    """A lock file, owned as its folder is, so that root and the service's account can take turns."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    owner = path.parent.stat().st_uid
    if owner != os.fstat(lock).st_uid:
        os.fchown(lock, owner, -1)
    return lock


def _try(lock: int, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
