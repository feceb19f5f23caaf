"""What relates to an event: reactions, edits, references, the messages of a thread."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import msgspec

from myelin.schema.queries import Queries
from myelin.sync.history import History, PageRequest, bounds
from myelin.sync.rendering import Row
from myelin.sync.room_view import RoomView
from myelin.sync.token import page_token

# Homeservers SHOULD traverse at least 3 levels of relationships: so many steps the query takes.
RECURSION_DEPTH = 3


class RelationsRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Whose children are asked for, and which; None stands for any."""

    parent: str
    rel_type: str | None
    event_type: str | None
    recurse: bool
    page: PageRequest


class RelationsPage(msgspec.Struct, frozen=True):
    """Rendered children, and where the pages beside this one begin, None where there are none."""

    chunk: Sequence[bytes]
    next_batch: str | None
    prev_batch: str | None


class Relations:
    """Reads relations of one room as one person sees them."""

    def __init__(self, pool: asyncpg.Pool, queries: Queries, history: History) -> None:
        self._pool = pool
        self._queries = queries
        self._history = history

    async def page(self, view: RoomView, request: RelationsRequest) -> RelationsPage:
        """Return a page of children; `NotFound` where the person may not see the parent."""
        await self._history.row(view, request.parent)
        limit, backwards = request.page.limit, request.page.direction == "b"
        rows = await self._rows(view, request)
        shown = rows[:limit]
        last: int | None = shown[-1]["position"] if len(rows) > limit and shown else None
        from_position = request.page.from_position
        return RelationsPage(
            chunk=await self._history.rendered(view, shown),
            next_batch=page_token(last - 1 if backwards else last) if last is not None else None,
            prev_batch=page_token(from_position) if from_position is not None else None,
        )

    async def _rows(self, view: RoomView, request: RelationsRequest) -> Sequence[Row]:
        first, last = bounds(request.page, view.upto)
        wanted = (
            view.room.room_id,
            request.parent,
            [start for start, _ in view.ranges],
            [end for _, end in view.ranges],
            request.rel_type,
            request.event_type,
            first,
            last,
            request.page.limit + 1,
        )
        kin = "descendants" if request.recurse else "children"
        way = "backwards" if request.page.direction == "b" else "forwards"
        rows: Sequence[Row] = await self._pool.fetch(self._queries[f"{kin}_{way}"], *wanted)
        return rows
