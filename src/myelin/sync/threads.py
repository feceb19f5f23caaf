"""The threads of a room as one person sees them, by their latest message (client-server API, "Threading")."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import msgspec

from myelin.schema.queries import load_queries
from myelin.sync.bundles import BundleReader, Row
from myelin.sync.history import History
from myelin.sync.room_view import RoomView
from myelin.sync.token import page_token

# So many pages are looked through for threads that the person sees; then an empty page points to the next.
PAGES = 10
# No position is higher: PostgreSQL's bigint ends here.
LATEST = 2**63 - 1


class ThreadsRequest(msgspec.Struct, frozen=True):
    """Whether only threads in which the person takes part are wanted, and how many from where."""

    participated: bool
    from_position: int | None
    limit: int


class ThreadsPage(msgspec.Struct, frozen=True):
    """Rendered roots with their threads bundled, and where the next page begins, None where there is none."""

    chunk: Sequence[bytes]
    next_batch: str | None


class Threads:
    """Reads the threads of one room."""

    def __init__(self, pool: asyncpg.Pool, history: History) -> None:
        self._pool = pool
        self._history = history
        self._bundles = BundleReader(pool)
        self._queries = load_queries("myelin.sync", "bundles.sql")

    async def page(self, view: RoomView, request: ThreadsRequest) -> ThreadsPage:
        """Return the threads with the latest messages; those of which the person sees nothing are left out."""
        # Beyond `view.upto` too: a thread may have gone on after the person left, and they see what was before.
        position = LATEST if request.from_position is None else request.from_position
        for _ in range(PAGES):
            rows = await self._rows(view, request, position)
            shown = await self._shown(view, rows[: request.limit])
            is_last = len(rows) <= request.limit
            position = -1 if is_last else rows[request.limit - 1]["latest"] - 1
            if shown or is_last:
                break
        chunk = await self._history.rendered(view, shown)
        return ThreadsPage(chunk, None if is_last else page_token(position))

    async def _shown(self, view: RoomView, rows: Sequence[Row]) -> list[Row]:
        visible = [row for row in rows if row["position"] is not None and view.shows(row["position"])]
        bundles = await self._bundles.of(visible, view.sight)
        return [row for row in visible if row["event_id"] in bundles.threads]

    async def _rows(self, view: RoomView, request: ThreadsRequest, position: int) -> Sequence[Row]:
        rows: Sequence[Row] = await self._pool.fetch(
            self._queries["thread_roots"],
            view.room.room_id,
            position,
            view.viewer.user_id,
            request.participated,
            request.limit + 1,
        )
        return rows
