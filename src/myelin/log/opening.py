"""Opening a database: its schema is brought up to date, and an empty log gets the entry that names it."""

from __future__ import annotations

from collections.abc import Callable

from myelin.entries.entry import Draft, seal
from myelin.entries.facts import LogOpened
from myelin.entries.rows import appended_row
from myelin.log.log import EMPTY, Log
from myelin.schema.connections import connect
from myelin.schema.migrate import migrate

SALT_BYTES = 32


async def prepare(database_url: str, server_name: str, at: int, random: Callable[[int], bytes]) -> None:
    """Bring the schema up to date and open the log; any number of processes may do so at once."""
    connection = await connect(database_url)
    try:
        await migrate(connection)
        await open_log(Log(connection), server_name, at, random)
    finally:
        await connection.close()


async def open_log(log: Log, server_name: str, at: int, random: Callable[[int], bytes]) -> None:
    """Write entry 0 into an empty log; of two processes that start at once, one does."""
    if await log.head() >= 0:
        return
    first = seal(Draft(facts=LogOpened(server_name)), 0, at, random(SALT_BYTES))
    await log.append(EMPTY, [appended_row(first)], None, False)
