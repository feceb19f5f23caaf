"""The one store of the gateway, as its parts use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

from myelin_gateway.delivery.database import Database, Row, Step, Value
from myelin_gateway.delivery.rows import (
    Arrival,
    DeadLetter,
    Draft,
    Feed,
    Kept,
    Lane,
    Outgoing,
    Sorted,
    Unsorted,
    transaction_id,
)

T = TypeVar("T", bound=msgspec.Struct)

# So long a card waits for somebody's first device.
PATIENCE_MS = 7 * 24 * 3600 * 1000


class Store:
    """What a method wrote is on disk when it returns; when it raises, nothing was written, or nobody can tell.

    Everything may be asked again: a message that is known is not kept twice, a card that is known is not made twice.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, arrivals: Sequence[Arrival]) -> Sequence[Kept]:
        """Keep the messages of one frame, all or none."""
        steps: list[Step] = []
        for each in arrivals:
            named = (each.partner, each.control_id, each.sha256)
            steps.append(("keep", (*named, each.type, each.raw, each.received_at, each.state, each.reason)))
            steps.append(("reused", named))
        found = await self._database.run(steps)
        return [Kept(bool(kept), bool(kept) and reused[0][0] != 0) for kept, reused in pairs(found)]

    async def unsorted(self, limit: int) -> Sequence[Unsorted]:
        """Return messages that wait, in order of arrival."""
        return [value(Unsorted, row) for row in await self._rows("unsorted", limit)]

    async def settle(self, settled: Sequence[Sorted], at: int) -> None:
        """Say what messages became, and make their cards with it: a crash leaves both or neither."""
        steps: list[Step] = []
        for each in settled:
            steps += [("draft", draft_values(each.inbox_id, draft, at)) for draft in each.drafts]
            steps.append(("settle", (each.inbox_id, each.state, each.reason)))
        await self._database.run(steps)

    async def due(self, lane: Lane, at: int, limit: int) -> Sequence[Outgoing]:
        """Return cards whose time has come, of each key the first."""
        return [value(Outgoing, row) for row in await self._rows("due", lane, at, limit)]

    async def sent(self, outbox_id: int, event_id: str, user_id: str, at: int) -> None:
        await self._rows("sent", outbox_id, event_id, user_id, at)

    async def postpone(self, outbox_id: int, until: int, reason: str) -> None:
        await self._rows("postpone", outbox_id, until, reason)

    async def delay(self, outbox_id: int, until: int, reason: str) -> None:
        """Let a card wait that is not to blame: it has not been tried once more."""
        await self._rows("delay", outbox_id, until, reason)

    async def give_up(self, outbox_id: int, reason: str) -> None:
        await self._rows("give_up", outbox_id, reason)

    async def without_device(self, outbox_id: int, user_id: str) -> None:
        """Let a card wait for its person's first device; others of its key go on."""
        await self._rows("without_device", outbox_id, user_id)

    async def device_appeared(self, user_id: str, at: int) -> None:
        """Let what waited for somebody's device leave."""
        await self._rows("device_appeared", user_id, at, at - PATIENCE_MS)

    async def retry_without_device(self, at: int) -> None:
        """Let everything that waits for a device be tried."""
        await self._rows("retry_without_device", at, at - PATIENCE_MS)

    async def dead_letters(self, limit: int = 100) -> Sequence[DeadLetter]:
        return [value(DeadLetter, row) for row in await self._rows("dead_letters", limit)]

    async def replay_message(self, inbox_id: int) -> None:
        await self._rows("replay_message", inbox_id)

    async def replay_card(self, outbox_id: int, at: int) -> None:
        await self._rows("replay_card", outbox_id, at)

    async def counts(self) -> Mapping[str, int]:
        """Return how many rows of each table are in which state: `inbox sorted`, `outbox critical waiting`."""
        return msgspec.convert({str(row[0]): row[1] for row in await self._rows("counts")}, dict[str, int])

    async def feed_room(self, user_id: str, feed: Feed) -> str | None:
        return only(await self._rows("feed_room", user_id, feed))

    async def keep_feed_room(self, user_id: str, feed: Feed, room_id: str) -> None:
        await self._rows("keep_feed_room", user_id, feed, room_id)

    async def pinned(self, user_id: str, seen: str, at: int) -> str:
        """Return the master key that stands for somebody: the one that is seen now, where there was none."""
        _pinned, found = await self._database.run([("pin", (user_id, seen, at)), ("pinned", (user_id,))])
        return str(only(found))

    async def confirm_key(self, user_id: str, master_key: str, at: int) -> None:
        """Let another master key stand for somebody, as an administrator has said."""
        await self._rows("confirm_key", user_id, master_key, at)

    async def close(self) -> None:
        await self._database.close()

    async def _rows(self, name: str, *values: Value) -> Sequence[Row]:
        (rows,) = await self._database.run([(name, values)])
        return rows


def draft_values(inbox_id: int, draft: Draft, at: int) -> tuple[Value, ...]:
    told = (draft.target, draft.feed, draft.lane, draft.kind, draft.case, draft.rev)
    # Of two people who are told of one patient, neither waits for the other.
    ordering_key = f"{draft.target} {draft.key}"
    return (inbox_id, transaction_id(inbox_id, draft), *told, ordering_key, draft.content, at)


def pairs(found: Sequence[Sequence[Row]]) -> list[tuple[Sequence[Row], Sequence[Row]]]:
    return list(zip(found[::2], found[1::2], strict=True))


def value(kind: type[T], row: Row) -> T:
    """Return a row as a value; the columns of its query are the value's fields, in their order."""
    return msgspec.convert(dict(zip(kind.__struct_fields__, row, strict=True)), kind)


def only(rows: Sequence[Row]) -> str | None:
    return msgspec.convert(rows[0][0], str) if rows else None
