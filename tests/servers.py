"""Starts Myelin as people run it: a process of its own, told by its environment where to listen.

Owns the life of such processes. What they answer is the tests' affair.
"""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.databases import new_database

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 30
SERVER_NAME = "hospital.test"
# Below those that connections leave from: a busy machine would take one of them before its server starts.
PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A port of loopback that nobody listens on, and that no other run of these tests is given while this one lasts."""
    while True:
        port = random.choice(PORTS)
        if is_reserved(port) and is_silent(port):
            return port


def is_reserved(port: int) -> bool:
    """Whether it is ours now: a name that the system lets one process hold, until that ends."""
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0port {port} of a test of myelin")
    except OSError:
        name.close()
        return False
    # Held open without anybody to close it.
    name.detach()
    return True


def is_silent(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def settings(data_dir: Path, port: int, database_url: str, **wishes: str) -> dict[str, str]:
    """The environment of a quick, open server; settings of whoever runs the tests do not reach it."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MYELIN_")}
    chosen = {
        "server_name": SERVER_NAME,
        "listen": f"127.0.0.1:{port}",
        "public_url": f"http://127.0.0.1:{port}",
        "data_dir": str(data_dir),
        "database_url": database_url,
        "registration": "open",
        "rate_limits": "false",
        "require_encryption": "false",
        "password_cost": "low",
        **wishes,
    }
    return inherited | {f"MYELIN_{name.upper()}": value for name, value in chosen.items() if value}


@contextmanager
def running(environment: Mapping[str, str], output: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A server that answers; it is asked to stop at the end, and must obey."""
    with output.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "myelin", "serve"],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        await_start(process, address_of(environment), output)
        yield process
    finally:
        stop(process)


def address_of(environment: Mapping[str, str]) -> str:
    """Where a server with these settings answers."""
    scheme = "https" if "MYELIN_TLS_CERT" in environment else "http"
    return f"{scheme}://{environment['MYELIN_LISTEN']}"


def await_start(process: "subprocess.Popen[bytes]", base_url: str, output: Path) -> None:
    """Returns when the server answers; fails with what it said when it ends or stays silent."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{base_url}/_matrix/client/versions", timeout=5).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    pytest.fail(f"the server did not start; it said:\n{output.read_text(errors='replace')[-4000:]}")


def stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        pytest.fail(f"the server did not stop within {STOP_TIMEOUT_S} s of SIGTERM")


@contextmanager
def fresh_server(folder: Path, postgres_url: str, **wishes: str) -> Iterator[str]:
    """The address of a server on a database of its own, with settings as wished."""
    port = free_port()
    database_url = asyncio.run(new_database(postgres_url))
    environment = settings(folder / "data", port, database_url, **wishes)
    with running(environment, folder / "output"):
        yield address_of(environment)


@pytest.fixture(scope="session")
def myelin_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the server under test: Myelin, or what `MYELIN_TEST_URL` names."""
    if url := os.environ.get("MYELIN_TEST_URL"):
        yield url
        return
    # Only now, so that a run against another server starts no database.
    postgres_url: str = request.getfixturevalue("postgres_url")
    with fresh_server(tmp_path_factory.mktemp("server"), postgres_url) as url:
        yield url
