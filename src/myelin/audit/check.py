"""`myelin log check`: reads the whole log from outside and believes nothing that it can compute.

One snapshot is read, beside a running server and without holding it up; the projections are made anew in temporary
tables and compared. Nothing is changed and nothing is left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import asyncpg
import msgspec

from myelin.audit.differences import add_differences
from myelin.audit.refold import Refold, UnknownRoom
from myelin.audit.report import Faults, Report
from myelin.audit.room_events import Signer, event_faults
from myelin.audit.seals import Row, erasure_faults, seal_faults
from myelin.entries.entry import Entry
from myelin.entries.facts import Erased, EventAppended, LogOpened
from myelin.entries.rows import entry_from_row
from myelin.matrix.errors import MatrixError
from myelin.merkle.frontier import Frontier
from myelin.schema.connections import connect
from myelin.schema.queries import load_queries
from myelin.stores.server_secrets import public_keys

SHADOW = "pg_temp"
SEARCH_PATH = "pg_temp, log, stores, public"
ROWS_AT_ONCE = 200
FIRST_ANALYZE = 1000
FORMAT = 1

# Which promise an index holds, for a row that the shadow refuses.
UNIQUE: Mapping[str, str] = {
    "events_transaction": "its idempotency key was used before",
    "transactions_pkey": "its idempotency key was used before",
    "events_event_id": "its event id was used before",
}


async def check(database_url: str, write: Callable[[str], None]) -> int:
    """Check a log and write a line for each fault, or its size and root; return the exit code."""
    report = await check_log(database_url)
    for line in report.lines():
        write(line)
    return 0 if report.is_whole else 1


async def check_log(database_url: str) -> Report:
    """Return what a check of the whole log finds."""
    connection = await connect(database_url, SEARCH_PATH, timeout_s=None, planning={})
    try:
        async with connection.transaction(isolation="repeatable_read"):
            return await LogCheck(connection, await public_keys(connection)).run()
    finally:
        await connection.close()


class LogCheck:
    """One check, over a connection in a transaction that repeats its reads."""

    def __init__(self, connection: asyncpg.Connection, keys: Mapping[str, str]) -> None:
        self._connection = connection
        self._queries = load_queries("myelin.audit")
        self._refold = Refold(connection)
        self._frontier = Frontier()
        self._faults = Faults()
        self._signer = Signer("", keys)
        self._position = -1
        self._at = 0
        self._analyze_at = FIRST_ANALYZE

    async def run(self) -> Report:
        """Read the log to its end."""
        await self._connection.execute(self._queries["make_shadow"], SHADOW)
        while rows := await self._connection.fetch(self._queries["entries_to_check"], self._position, ROWS_AT_ONCE):
            await self._check_rows(rows)
        await add_differences(self._connection, SHADOW, self._faults)
        return Report(
            size=self._frontier.size,
            root=self._frontier.root(),
            faults=tuple(self._faults.kept),
            fault_count=self._faults.count,
        )

    async def _check_rows(self, rows: Sequence[Row]) -> None:
        erasers = await self._erasers(rows)
        for row in rows:
            self._check_place(row)
            self._frontier.append(row["leaf"])
            self._note(row["position"], *seal_faults(row))
            if row["erased_by"] is not None:
                self._note(row["position"], *erasure_faults(row, erasers.get(row["erased_by"])))
        entries = [entry for row in rows if (entry := self._read(row)) is not None]
        await self._check_entries(entries)
        await self._check_erased(entries)
        if self._frontier.size >= self._analyze_at:
            await self._connection.execute(self._queries["analyze_shadow"], SHADOW)
            self._analyze_at *= 4

    def _check_place(self, row: Row) -> None:
        position, at = row["position"], row["at"]
        if position != self._position + 1:
            missing = position - self._position - 1
            self._faults.add(self._position + 1, f"{missing} entries are missing from here on", missing)
        if at < self._at:
            self._note(position, "its time is before that of the entry before it")
        self._position, self._at = position, max(at, self._at)

    def _read(self, row: Row) -> Entry | None:
        try:
            return entry_from_row(row)
        except (MatrixError, msgspec.MsgspecError, AssertionError):
            self._note(row["position"], "it cannot be read")
            return None

    async def _check_entries(self, entries: Sequence[Entry]) -> None:
        await self._load(entries)
        for entry in entries:
            if entry.position == 0:
                self._check_first(entry)
            try:
                self._check_entry(entry)
            except UnknownRoom:
                self._note(entry.position, "it belongs to a room that cannot be read")
            except Exception as fault:  # Whatever a damaged entry does to the fold is a finding.
                self._note(entry.position, f"it cannot be folded ({type(fault).__name__})")
        await self._write()

    async def _load(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            try:
                await self._refold.load([entry])
            except (MatrixError, msgspec.MsgspecError, AssertionError, KeyError):
                self._note(entry.position, "its room cannot be read")

    def _check_first(self, entry: Entry) -> None:
        if isinstance(entry.facts, LogOpened) and entry.facts.format == FORMAT:
            self._signer = Signer(entry.facts.server_name, self._signer.public_keys)
        else:
            self._note(0, "it does not open a log of a format that is known here")

    def _check_entry(self, entry: Entry) -> None:
        if isinstance(entry.facts, EventAppended):
            room = self._refold.loaded_room(entry.room_id or "")
            self._note(entry.position, *event_faults(entry, room, self._signer))
        self._refold.fold(entry)

    async def _write(self) -> None:
        try:
            async with self._connection.transaction():
                await self._refold.write()
        except asyncpg.PostgresError:
            for position, fault in (await self._refold.write_each()).items():
                name = getattr(fault, "constraint_name", None) or ""
                self._note(position, UNIQUE.get(name, "its rows contradict those of entries before it"))

    async def _erasers(self, rows: Sequence[Row]) -> dict[int, Row]:
        named = {row["erased_by"] for row in rows if row["erased_by"] is not None}
        found = await self._connection.fetch(self._queries["erasers"], list(named)) if named else []
        return {row["position"]: row for row in found}

    async def _check_erased(self, entries: Sequence[Entry]) -> None:
        facts = [entry.facts for entry in entries]
        erased = [position for fact in facts if isinstance(fact, Erased) for position in fact.positions]
        redacted = [event_id for fact in facts if isinstance(fact, EventAppended) for event_id in fact.redacted]
        for row in await self._connection.fetch(self._queries["not_erased"], erased) if erased else []:
            self._note(row["position"], "an entry erased it and its content is still there")
        for row in await self._connection.fetch(self._queries["not_redacted"], redacted) if redacted else []:
            self._note(row["position"], "an event redacted it and it can still be read")

    def _note(self, position: int, *faults: str) -> None:
        for what in faults:
            self._faults.add(position, what)
