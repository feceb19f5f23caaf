"""`m.receipt`: everybody's public receipts and the viewer's private ones, of several rooms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

import asyncpg

from myelin.entries.items import Receipt
from myelin.matrix.json import JsonObject
from myelin.schema.queries import Queries


class Receipts:
    """Reads receipts where the tails do not reach back far enough."""

    def __init__(self, pool: asyncpg.Pool, queries: Queries) -> None:
        self._pool = pool
        self._queries = queries

    async def read(self, viewer_id: str, sinces: Mapping[str, int]) -> dict[str, list[Receipt]]:
        """Return the latest receipts of rooms, each newer than a position, as far as the viewer may see them."""
        if not sinces:
            return {}
        found: dict[str, list[Receipt]] = {}
        columns = list(sinces), list(sinces.values())
        for row in await self._pool.fetch(self._queries["receipts_after"], *columns, viewer_id):
            receipt = Receipt(
                user_id=row["user_id"],
                device_id="",
                room_id=row["room_id"],
                event_id=row["event_id"],
                read_position=row["read_position"],
                at=row["at"],
                thread=row["thread"] or None,
                private=row["private"],
            )
            found.setdefault(row["room_id"], []).append(receipt)
        return found


def receipt_events(receipts: Iterable[Receipt], viewer_id: str, others: bool) -> list[JsonObject]:
    """Return the `m.receipt` events of one room: one for each thread, since a person has a receipt in each."""
    # Of each person, thread and kind the one that goes furthest: a receipt never moves back.
    furthest: dict[tuple[str, str | None, bool], Receipt] = {}
    for receipt in receipts:
        if visible_to(receipt, viewer_id, others):
            of_one = (receipt.user_id, receipt.thread, receipt.private)
            furthest[of_one] = max(receipt, furthest.get(of_one, receipt), key=lambda each: each.read_position)
    contents: dict[str | None, dict[str, dict[str, dict[str, JsonObject]]]] = {}
    for receipt in furthest.values():
        of_event = contents.setdefault(receipt.thread, {}).setdefault(receipt.event_id, {})
        of_event.setdefault("m.read.private" if receipt.private else "m.read", {})[receipt.user_id] = details(receipt)
    return [{"type": "m.receipt", "content": cast(JsonObject, content)} for content in contents.values()]


def details(receipt: Receipt) -> JsonObject:
    """Return when it was read, and in which thread."""
    return {"ts": receipt.at} if receipt.thread is None else {"ts": receipt.at, "thread_id": receipt.thread}


def visible_to(receipt: Receipt, viewer_id: str, others: bool) -> bool:
    # Servers MUST NOT send the m.read.private receipt to any other user than the one which originally sent it.
    return receipt.user_id == viewer_id or (others and not receipt.private)
