"""Which account of the machine runs PostgreSQL, and what that account can reach.

PostgreSQL refuses to run as root, so root hands it to another account. Nothing here changes a file.
"""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from myelin.engine.errors import EngineError

# Prefers the account that Debian and Red Hat make for PostgreSQL; every Linux has the other.
CANDIDATES = ("postgres", "nobody")
# Prints the first argument that cannot be entered. The shell asks the kernel, so access control lists count too.
FIRST_CLOSED = 'for folder; do [ -x "$folder" ] || { printf %s "$folder"; exit; }; done'
FIRST_UNREADABLE = 'for file; do [ -r "$file" ] || { printf %s "$file"; exit; }; done'
SHELL_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Account:
    """The account PostgreSQL runs as; `foreign` when it is not the one this program runs as."""

    name: str
    uid: int
    gid: int
    foreign: bool

    def spawn(self, arguments: Sequence[str | Path], output: int) -> subprocess.Popen[bytes]:
        """A program run as this account, with no more than this account may do and nothing of our environment.

        In a session of its own: Ctrl-C in our terminal is for us, and we end the program when it is no longer needed.
        """
        return subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"PATH": "/usr/bin:/bin"},
            start_new_session=True,
            user=self.uid if self.foreign else None,
            group=self.gid if self.foreign else None,
            extra_groups=() if self.foreign else None,
        )

    def run(self, arguments: Sequence[str | Path], timeout_s: float) -> tuple[int, str]:
        """The exit status and the output of a program that ends."""
        with self.spawn(arguments, subprocess.PIPE) as child:
            try:
                output, _ = child.communicate(timeout=timeout_s)
            except subprocess.TimeoutExpired:
                child.kill()
                raise
            return child.returncode, os.fsdecode(output)

    def first_closed(self, folders: list[Path]) -> Path | None:
        """The first of the folders that this account cannot enter (or of programs, run)."""
        return self._first(FIRST_CLOSED, folders)

    def first_unreadable(self, files: list[Path]) -> Path | None:
        return self._first(FIRST_UNREADABLE, files)

    def _first(self, script: str, paths: list[Path]) -> Path | None:
        _, printed = self.run(["/bin/sh", "-c", script, "sh", *paths], SHELL_TIMEOUT_S)
        return Path(printed) if printed else None


def choose_account(cluster: Path) -> Account:
    """Us, or for root the owner of the cluster that exists already, else `postgres`, else `nobody`."""
    uid = os.geteuid()
    if uid != 0:
        return Account(_name(uid), uid, os.getegid(), foreign=False)
    entry = _owner(cluster) or _first_known()
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, foreign=True)


def _owner(cluster: Path) -> pwd.struct_passwd | None:
    if not cluster.exists() or cluster.stat().st_uid == 0:
        return None
    try:
        return pwd.getpwuid(cluster.stat().st_uid)
    except KeyError as error:
        raise EngineError(f"{cluster} belongs to an account that this machine does not have: chown it.") from error


def _first_known() -> pwd.struct_passwd:
    known = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_name in CANDIDATES and entry.pw_uid != 0}
    for name in CANDIDATES:
        if name in known:
            return known[name]
    raise EngineError("Root may not run PostgreSQL and there is neither an account postgres nor nobody: make one.")


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
