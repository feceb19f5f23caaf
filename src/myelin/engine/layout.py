"""Which folders and files the embedded database has, who owns each, and who may enter.

    data_dir/                 ours; for root: open to the account's group for passing through, no more
      engine/VERSION/         the programs, copied only where the account cannot reach the wheel (binaries.py)
      postgresql/             ours, the same
        cluster/              the account's, mode 0700: PostgreSQL's own files
        socket/               the account's, mode 0700
        password              0600
        postgresql.conf       written at each start
        start.log             what PostgreSQL says before its own log opens
        turn.lock, users.lock who may start or stop, who is using it (locks.py)

Root writes nothing inside a folder that the account owns, so a file planted there leads nowhere.
"""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from myelin.engine.account import Account
from myelin.engine.errors import EngineError

PORT = 5432
SOCKET = f".s.PGSQL.{PORT}"
# sun_path holds 108 bytes with the closing zero.
LONGEST_SOCKET_PATH_BYTES = 107


@dataclass(frozen=True)
class Layout:
    """The paths of one embedded database."""

    data_dir: Path

    @property
    def engine(self) -> Path:
        return self.data_dir / "engine"

    @property
    def home(self) -> Path:
        return self.data_dir / "postgresql"

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def password(self) -> Path:
        return self.home / "password"

    @property
    def configuration(self) -> Path:
        return self.home / "postgresql.conf"

    @property
    def start_log(self) -> Path:
        return self.home / "start.log"

    def socket_folder(self, account: Account) -> Path:
        """Where the socket goes: beside the data, or where that is too long for a socket a short private folder."""
        beside = self.home / "socket"
        if len(os.fsencode(beside / SOCKET)) <= LONGEST_SOCKET_PATH_BYTES and "," not in str(beside):
            return beside
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return (Path("/run") if account.foreign else Path("/tmp")) / f"myelin-{account.uid}-{digest}"


def make_home(layout: Layout) -> None:
    """Makes `data_dir/postgresql` where it is missing, so that there is a place for the locks."""
    layout.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    layout.home.mkdir(mode=0o700, exist_ok=True)


def let_through(layout: Layout, account: Account) -> None:
    """Opens our own two folders to the account for passing through; a closed parent is named and left as it is."""
    if not account.foreign:
        return
    for folder in (layout.data_dir, layout.home):
        _open_to_group(folder, account)
    closed = account.first_closed([*reversed(layout.home.parents), layout.home])
    if closed is not None:
        raise EngineError(
            f"The folder {closed} is closed to the account {account.name}, which runs the database: "
            f"open it with `chmod o+x {closed}`, or set data_dir to a folder elsewhere."
        )


def _open_to_group(folder: Path, account: Account) -> None:
    # Only a folder that is private to us is opened, and only to one group: anything else was meant by somebody.
    found = folder.stat()
    if found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) == 0o700:
        os.chown(folder, -1, account.gid)
        folder.chmod(0o710)


def make_private(folder: Path, account: Account) -> None:
    """Makes a folder that only the account enters; one that another account made is refused."""
    try:
        folder.mkdir(mode=0o700)
        if account.foreign:
            os.chown(folder, account.uid, account.gid)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or found.st_mode & 0o077:
            raise EngineError(f"{folder} must be a folder of {account.name} with mode 0700: remove it.") from None


def open_private(path: Path, account: Account) -> int:
    """An emptied file to write to, that only the account and we can read; never one that a link leads to."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    if account.foreign:
        os.fchown(descriptor, account.uid, account.gid)
    return descriptor


def write_private(path: Path, text: str, account: Account) -> None:
    """Replaces what a private file says, on the disk when this returns."""
    with os.fdopen(open_private(path, account), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
