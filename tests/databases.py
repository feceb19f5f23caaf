"""PostgreSQL for tests: one embedded engine per test session, and a fresh database for who asks.

`tests/conftest.py` names this module a plugin, so that a session (an xdist worker is one) starts one engine and no
more: ask for the fixtures by name, import only the functions. A test of a whole server with its own database takes
`data_dir`.
"""

import asyncio
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from myelin.engine import Engine

# Waits for the end of the test run, however it ends (a timeout of pytest kills without a word), then clears up.
WATCHER = """
read nothing
pid=$(head -n 1 "$1/postgresql/cluster/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid"
rm -rf "$1"
"""


@contextmanager
def temporary_data_dir() -> Iterator[Path]:
    """A folder for one embedded database: short enough for a socket, open enough for the database's account.

    pytest's `tmp_path` is neither when tests run as root. Gone at the end, with whatever still runs in it.
    """
    folder = Path(tempfile.mkdtemp(prefix="myelin-", dir="/tmp"))
    watcher = subprocess.Popen(["/bin/sh", "-c", WATCHER, "sh", folder], stdin=subprocess.PIPE, start_new_session=True)
    try:
        yield folder
    finally:
        watcher.communicate()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A new `data_dir` for one test."""
    with temporary_data_dir() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of the session's PostgreSQL, as its superuser: give it to `new_database`, store nothing in it."""
    with temporary_data_dir() as folder:
        engine = Engine(folder, durable=False)
        try:
            yield asyncio.run(engine.start())
        finally:
            asyncio.run(engine.stop())


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """The address of a new, empty database for one test."""
    return asyncio.run(new_database(postgres_url))


async def new_database(admin_url: str, template: str = "template0") -> str:
    """The address of a new database: empty, or a copy of `template`, to which nobody may be connected."""
    name = f"test_{secrets.token_hex(8)}"
    connection = await asyncpg.connect(admin_url)
    try:
        # Copying files beats logging each page here: nothing is synced in this engine, so its checkpoints are free.
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    finally:
        await connection.close()
    return with_database(admin_url, name)


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
