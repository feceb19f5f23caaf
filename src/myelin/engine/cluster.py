"""The database cluster on disk: made once by `initdb`, configured anew at each start."""

import os
import secrets
import shutil
from pathlib import Path

from myelin.engine.account import Account
from myelin.engine.binaries import Binaries
from myelin.engine.errors import EngineError
from myelin.engine.layout import PORT, Layout, make_private, write_private

MAJOR_VERSION = "18"
SUPERUSER = "myelin"
INITDB_TIMEOUT_S = 300.0

INITDB_OPTIONS = (
    f"--username={SUPERUSER}",
    "--auth=scram-sha-256",
    "--data-checksums",
    "--encoding=UTF8",
    # PostgreSQL's own C.UTF-8: an upgrade of the machine's C library never changes the order of an index.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C.UTF-8",
    "--lc-messages=C",
    "--no-instructions",
)

CONFIGURATION = {
    "port": str(PORT),
    "listen_addresses": "''",  # the socket is the only way in
    "unix_socket_permissions": "0700",
    "password_encryption": "'scram-sha-256'",
    "max_connections": "100",
    "shared_buffers": "'256MB'",
    "effective_cache_size": "'1GB'",
    "work_mem": "'8MB'",
    "maintenance_work_mem": "'64MB'",
    "jit": "off",
    # Short statements on a small machine: a second core serves another request better than half of this one.
    "max_parallel_workers_per_gather": "0",
    # What is hot is in shared_buffers; three more workers would only hold memory.
    "io_method": "'sync'",
    "wal_compression": "on",
    "min_wal_size": "'128MB'",
    "max_wal_size": "'2GB'",
    "checkpoint_timeout": "'15min'",
    "autovacuum": "on",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "lc_messages": "'C'",
    "default_text_search_config": "'pg_catalog.simple'",
    "logging_collector": "on",
    "log_directory": "'log'",
    "log_filename": "'postgresql-%a.log'",  # a week of files, each overwritten after seven days
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "'1d'",
    "log_rotation_size": "0",
    "log_line_prefix": "'%m [%p] '",
    # A failing statement and the row it met may hold a name or a token: neither is written down.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
NOT_DURABLE = dict.fromkeys(DURABLE, "off")


def make_cluster(layout: Layout, binaries: Binaries, account: Account, *, durable: bool) -> None:
    """Makes the cluster with a new password, unless there is one already of a version that we can run."""
    if layout.cluster.exists():
        _check_version(layout)
        return
    # Made beside and renamed: a crash leaves only the unfinished folder, which the next start makes anew.
    unfinished = layout.home / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    make_private(unfinished, account)
    write_private(layout.password, secrets.token_urlsafe(32), account)
    _initdb(unfinished, layout.password, binaries, account, durable=durable)
    unfinished.rename(layout.cluster)
    _sync_folder(layout.home)


def _initdb(folder: Path, password: Path, binaries: Binaries, account: Account, *, durable: bool) -> None:
    sync = () if durable else ("--no-sync",)
    options = (*INITDB_OPTIONS, *sync, f"--pwfile={password}", f"--pgdata={folder}")
    status, output = account.run([binaries.initdb, *options], INITDB_TIMEOUT_S)
    if status != 0:
        raise EngineError(f"PostgreSQL cannot make its files in {folder}: {_last_line(output)}")


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "it gave no reason.")


def _check_version(layout: Layout) -> None:
    version = (layout.cluster / "PG_VERSION").read_text().strip()
    if version != MAJOR_VERSION:
        raise EngineError(
            f"The database in {layout.cluster} is of PostgreSQL {version}, the installed one is {MAJOR_VERSION}: "
            "move it with pg_upgrade, or install the release of Myelin that made it."
        )


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def configure(layout: Layout, account: Account, *, durable: bool) -> None:
    """Writes `postgresql.conf`; what a site wants otherwise goes into `local.conf` beside it, except durability."""
    files = {
        "hba_file": _quoted(layout.cluster / "pg_hba.conf"),
        "ident_file": _quoted(layout.cluster / "pg_ident.conf"),
    }
    local = f"include_if_exists = {_quoted(layout.home / 'local.conf')}\n"
    first = "# Written by Myelin at each start. Put changes into local.conf beside this file.\n"
    durability = DURABLE if durable else NOT_DURABLE
    lines = first + _lines(CONFIGURATION) + local + _lines(files) + _lines(durability)
    write_private(layout.configuration, lines, account)


def _lines(values: dict[str, str]) -> str:
    return "".join(f"{name} = {value}\n" for name, value in values.items())


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
