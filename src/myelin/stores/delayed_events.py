"""Delayed events (MSC4140): what people have asked to be sent later, kept until it is, and the outcome for some days.

Not in the log: a heartbeat restarts such an event every few seconds, and what is sent is in the log then. Sending is
one transaction with the append (`log.write_sent_delayed_events`); everything else is written here.
"""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import msgspec
import orjson

from myelin.matrix.errors import MatrixError
from myelin.matrix.json import JsonObject
from myelin.schema.queries import load_queries

KEPT_MS = 7 * 24 * 60 * 60 * 1000


class DelayedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that waits, or (`finalised_at`) did. Times are in ms since the epoch.

    `since_position` is the head of the log when it was asked for; `error` is the standard error response.
    """

    delay_id: str
    user_id: str
    device_id: str
    room_id: str
    type: str
    state_key: str | None
    content: JsonObject
    delay_ms: int
    running_since: int
    since_position: int
    transaction_key: bytes | None = None
    finalised_at: int | None = None
    outcome: str | None = None
    reason: str | None = None
    error: JsonObject | None = None
    event_id: str | None = None


class DelayedEvents:
    """Everybody's delayed events."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.stores", "delayed_events.sql")

    async def schedule(self, delayed: DelayedEvent, limit: int) -> str | None:
        """Keep an event; return its id, of a repeated request the first one's, None where `limit` wait already."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(self._queries["lock_person"], delayed.user_id)
            known: str | None = await connection.fetchval(self._queries["scheduled_by"], delayed.transaction_key)
            if known is not None:
                return known
            kept: str | None = await connection.fetchval(
                self._queries["schedule"],
                delayed.delay_id,
                delayed.user_id,
                delayed.device_id,
                delayed.room_id,
                delayed.type,
                delayed.state_key,
                orjson.dumps(delayed.content),
                delayed.delay_ms,
                delayed.running_since,
                delayed.since_position,
                delayed.transaction_key,
                limit,
            )
            return kept

    async def one(self, delay_id: str) -> DelayedEvent | None:
        """Return an event by its id, None where there is none."""
        row = await self._pool.fetchrow(self._queries["delayed_event"], delay_id)
        return delayed_of(row) if row is not None else None

    async def of(
        self, user_id: str, finalised: bool, delay_ids: Sequence[str] | None, first: int, limit: int
    ) -> list[DelayedEvent]:
        """Return a page of a person's events: those that wait, the next first, or the outcomes, the latest first."""
        rows = await self._pool.fetch(self._queries["delayed_events_of"], user_id, finalised, delay_ids, first, limit)
        return [delayed_of(row) for row in rows]

    async def due(self, now_ms: int, limit: int) -> list[DelayedEvent]:
        """Return events whose time has come, in the order of their times."""
        return [delayed_of(row) for row in await self._pool.fetch(self._queries["due_delayed_events"], now_ms, limit)]

    async def next_due(self) -> int | None:
        """Return when the next event is due, None where none waits."""
        due: int | None = await self._pool.fetchval(self._queries["next_due"])
        return due

    async def restart(self, delay_id: str, now_ms: int) -> bool:
        """Let the time of an event begin again; False where it waits no longer."""
        return await self._pool.fetchval(self._queries["restart"], delay_id, now_ms) is not None

    async def cancel(self, delay_id: str, now_ms: int) -> bool:
        """Give up an event; False where it waits no longer."""
        return await self._finalise(delay_id, None, now_ms, "action", None)

    async def refuse(self, delayed: DelayedEvent, refusal: MatrixError, now_ms: int) -> bool:
        """Give up an event that was refused; False where it is no longer as it was read."""
        return await self._finalise(delayed.delay_id, delayed.running_since, now_ms, "error", refusal)

    async def forget_before(self, moment_ms: int) -> None:
        """Forget outcomes that are older than a moment."""
        await self._pool.execute(self._queries["forget_finalised"], moment_ms)

    async def _finalise(
        self, delay_id: str, running_since: int | None, now_ms: int, reason: str, refusal: MatrixError | None
    ) -> bool:
        error = refusal.body() if refusal is not None else None
        found = await self._pool.fetchval(self._queries["finalise"], delay_id, running_since, now_ms, reason, error)
        return found is not None


def delayed_of(row: asyncpg.Record) -> DelayedEvent:
    """Return the event of a row; a content that is gone reads as an empty one."""
    fields = dict(row)
    content, error = fields.pop("content"), fields.pop("error")
    return DelayedEvent(
        **fields,
        content=orjson.loads(content) if content is not None else {},
        error=orjson.loads(error) if error is not None else None,
    )
