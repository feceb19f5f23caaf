"""The commands as an administrator types them: beside a running server, and without one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from tests.servers import free_port, running, settings

pytestmark = pytest.mark.database

TIMEOUT_S = 60


def myelin(environment: Mapping[str, str], *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run one command and return what it said."""
    return subprocess.run(
        [sys.executable, "-m", "myelin", *arguments],
        env=dict(environment),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


@pytest.fixture
def site(data_dir: Path, database_url: str) -> dict[str, str]:
    """The environment of a site with a database of its own and closed registration."""
    return settings(data_dir, free_port(), database_url, registration="closed")


def login(base_url: str, name: str, password: str) -> httpx.Response:
    identifier = {"type": "m.id.user", "user": name}
    body = {"type": "m.login.password", "identifier": identifier, "password": password}
    return httpx.post(f"{base_url}/_matrix/client/v3/login", json=body, timeout=30)


def whoami(base_url: str, token: str) -> int:
    headers = {"authorization": f"Bearer {token}"}
    return httpx.get(f"{base_url}/_matrix/client/v3/account/whoami", headers=headers, timeout=30).status_code


def test_an_administrator_keeps_accounts_beside_a_running_server(site: dict[str, str], tmp_path: Path) -> None:
    base_url = f"http://{site['MYELIN_LISTEN']}"
    with running(site, tmp_path / "server.log"):
        added = myelin(site, "user", "add", "1024", "--password-stdin", stdin="the first password\n")
        assert (added.returncode, added.stdout) == (0, "@1024:hospital.test can sign in.\n"), added.stderr
        first = login(base_url, "1024", "the first password")
        assert first.status_code == 200
        token, device_id = first.json()["access_token"], first.json()["device_id"]

        assert f"{device_id}\tnever\t" in myelin(site, "user", "sessions", "1024").stdout
        changed = myelin(site, "user", "password", "1024", "--password-stdin", stdin="the second password\n")
        assert changed.returncode == 0
        assert whoami(base_url, token) == 200, "a new password ends no session by itself"
        assert login(base_url, "1024", "the first password").status_code == 403

        assert myelin(site, "user", "sign-out", "1024").returncode == 0
        assert whoami(base_url, token) == 401
        again = login(base_url, "1024", "the second password").json()["access_token"]

        assert myelin(site, "user", "deactivate", "1024").returncode == 0
        assert whoami(base_url, again) == 401
        assert login(base_url, "1024", "the second password").json()["errcode"] == "M_USER_DEACTIVATED"

        checked = myelin(site, "log", "check")
        assert checked.returncode == 0, checked.stdout


def test_an_account_made_without_a_server_can_sign_in_later(data_dir: Path, tmp_path: Path) -> None:
    site = settings(data_dir, free_port(), "", registration="closed")
    added = myelin(site, "user", "add", "2048", "--password-stdin", stdin="a password\n")
    assert added.returncode == 0, added.stderr
    with running(site, tmp_path / "server.log"):
        assert login(f"http://{site['MYELIN_LISTEN']}", "2048", "a password").status_code == 200


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        (("user", "add", "1024", "--password-stdin"), "", "empty"),
        (("user", "add", "@x:elsewhere.test", "--password-stdin"), "p\n", "elsewhere.test"),
        (("user", "password", "nobody", "--password-stdin"), "p\n", "no such account"),
        (("user", "sessions", "nobody"), "", "no such account"),
    ],
)
def test_a_command_that_cannot_be_done_says_why(
    site: dict[str, str], arguments: tuple[str, ...], stdin: str, says: str
) -> None:
    refused = myelin(site, *arguments, stdin=stdin)
    assert refused.returncode == 1
    assert says in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("MYELIN_COLOUR", "blue"), ("MYELIN_LISTEN", "0.0.0.0:8008"), ("MYELIN_REGISTRATION", "sometimes")],
)
def test_a_bad_setting_stops_the_start_with_a_sentence_that_names_it(name: str, value: str) -> None:
    stopped = myelin({**os.environ, name: value}, "serve")
    assert stopped.returncode == 1
    assert name.removeprefix("MYELIN_").lower() in stopped.stderr.lower()
    assert "Traceback" not in stopped.stderr
