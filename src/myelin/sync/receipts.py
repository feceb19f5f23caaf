"""`m.receipt`: everybody's public receipts and the viewer's private ones, of several rooms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import asyncpg

from myelin.entries.items import Receipt
from myelin.matrix.json import JsonObject
from myelin.schema.queries import Queries


class Receipts:
    """Reads receipts where the tails do not reach back far enough."""

    def __init__(self, pool: asyncpg.Pool, queries: Queries) -> None:
        self._pool = pool
        self._queries = queries

    async def read(self, rooms: Sequence[str], since: int) -> dict[str, list[Receipt]]:
        """Return the latest receipts newer than a position, by room."""
        found: dict[str, list[Receipt]] = {}
        for row in await self._pool.fetch(self._queries["receipts_after"], rooms, since):
            receipt = Receipt(
                user_id=row["user_id"],
                device_id="",
                room_id=row["room_id"],
                event_id=row["event_id"],
                read_position=0,
                at=row["at"],
                thread=row["thread"] or None,
                private=row["private"],
            )
            found.setdefault(row["room_id"], []).append(receipt)
        return found


def receipt_event(receipts: Iterable[Receipt], viewer_id: str, others: bool) -> JsonObject | None:
    """Return the `m.receipt` event of one room, newest receipts first in; None where nothing may be seen."""
    content: dict[str, dict[str, dict[str, JsonObject]]] = {}
    seen: set[tuple[str, str | None, bool]] = set()
    for receipt in receipts:
        of_one = (receipt.user_id, receipt.thread, receipt.private)
        if of_one in seen or not visible_to(receipt, viewer_id, others):
            continue
        seen.add(of_one)
        kind = "m.read.private" if receipt.private else "m.read"
        fields: JsonObject = {"ts": receipt.at}
        if receipt.thread is not None:
            fields["thread_id"] = receipt.thread
        content.setdefault(receipt.event_id, {}).setdefault(kind, {})[receipt.user_id] = fields
    return {"type": "m.receipt", "content": content} if content else None  # type: ignore[dict-item]


def visible_to(receipt: Receipt, viewer_id: str, others: bool) -> bool:
    return receipt.user_id == viewer_id or (others and not receipt.private)
