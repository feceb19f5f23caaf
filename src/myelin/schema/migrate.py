"""Brings a database to the schema of this program: numbered files, each applied once, in order, under a lock."""

from __future__ import annotations

from importlib.resources import files

import asyncpg

from myelin.schema.queries import load_queries

LOCK = 7205759403792793601


class SchemaTooNew(Exception):
    """The database was written by a newer Myelin; install that version or restore an older database."""


def migrations() -> list[tuple[int, str]]:
    """Return (number, SQL) of every migration, in order."""
    folder = files("myelin.schema").joinpath("migrations")
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    return [(int(name.split("_")[0]), folder.joinpath(name).read_text("utf-8")) for name in names]


async def migrate(connection: asyncpg.Connection) -> None:
    """Apply what is missing. Two processes that start at once apply it once; a crash leaves whole migrations."""
    queries = load_queries("myelin.schema")
    await connection.execute(queries["lock_schema"], LOCK)
    try:
        await connection.execute(queries["make_migrations_table"])
        applied = {row["number"] for row in await connection.fetch(queries["applied_migrations"])}
        known = migrations()
        if applied - {number for number, _ in known}:
            raise SchemaTooNew(SchemaTooNew.__doc__)
        for number, sql in known:
            if number not in applied:
                await apply(connection, number, sql, queries["record_migration"])
    finally:
        await connection.execute(queries["unlock_schema"], LOCK)


async def apply(connection: asyncpg.Connection, number: int, sql: str, record: str) -> None:
    async with connection.transaction():
        await connection.execute(sql)
        await connection.execute(record, number)
