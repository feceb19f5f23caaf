"""Reading the past of a room: pages of messages, one event, its context, the event nearest to a moment.

What is shown is decided by the view of the room; a page token stands after its position, so that `dir=b` gives what
is at or before it and `dir=f` what is after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import asyncpg
import msgspec

from myelin.matrix.errors import NotFound
from myelin.schema.queries import Queries
from myelin.sync.filters import RoomEventFilter, like_patterns
from myelin.sync.past_state import PastState
from myelin.sync.rendering import Renderer, Row
from myelin.sync.room_view import RoomView
from myelin.sync.token import page_token

Direction = Literal["b", "f"]
START = -1


class PageRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a client asks of a page; `from_position` is None for the newest (`b`) or the oldest (`f`) event."""

    direction: Direction
    from_position: int | None
    to_position: int | None
    limit: int
    passes: RoomEventFilter = RoomEventFilter()


class Page(msgspec.Struct, frozen=True):
    """Rendered events in the order asked for, where they begin and (None: nothing more) where the next page does."""

    chunk: Sequence[bytes]
    state: Sequence[bytes]
    start: str
    end: str | None


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """An event among its neighbours, with the state after the last of them."""

    event: bytes
    before: Sequence[bytes]
    after: Sequence[bytes]
    state: Sequence[bytes]
    start: str
    end: str


class History:
    """Reads events of one room as one person sees them."""

    def __init__(self, pool: asyncpg.Pool, queries: Queries, renderer: Renderer, state: PastState) -> None:
        self._pool = pool
        self._queries = queries
        self._renderer = renderer
        self._state = state

    async def page(self, view: RoomView, request: PageRequest) -> Page:
        """Return a page of events, those that the person may see and no others."""
        first, last = bounds(request, view.upto)
        # One row more than wanted says whether there is another page.
        rows = await self._rows(view, request.direction, first, last, request.limit + 1, request.passes)
        shown = rows[: request.limit]
        kept = [row for row in shown if passes_body(request.passes, row)]
        lazy = kept if request.passes.lazy_load_members else ()
        return Page(
            chunk=await self.rendered(view, kept),
            state=await self._state.members_beside(view, lazy),
            start=page_token(START + first if request.direction == "f" else last),
            end=end_of(request, shown, len(rows) > len(shown), first, last),
        )

    async def event(self, view: RoomView, event_id: str) -> bytes:
        """Return one event; `NotFound` where there is none in this room that the person may see."""
        return (await self.rendered(view, [await self.row(view, event_id)]))[0]

    async def context(self, view: RoomView, event_id: str, limit: int, passes: RoomEventFilter) -> Context:
        """Return an event with at most `limit` neighbours, half of them before it."""
        row = await self.row(view, event_id)
        position: int = row["position"]
        before = await self._rows(view, "b", 0, position - 1, limit // 2, passes)
        after = await self._rows(view, "f", position + 1, view.upto, limit - limit // 2, passes)
        rendered = await self._rendered_by_position(view, [*before, row, *after])
        last = after[-1] if after else row
        state = await self._state.beside(view, last["position"], passes, [*before, row, *after])
        return Context(
            event=rendered[position],
            before=[rendered[each["position"]] for each in before],
            after=[rendered[each["position"]] for each in after],
            state=state,
            start=page_token((before[-1] if before else row)["position"] - 1),
            end=page_token(last["position"]),
        )

    async def nearest(self, view: RoomView, moment_ms: int, direction: Direction) -> tuple[str, int]:
        """Return the id and time of the first event at or after a moment (`f`), or the last at or before it (`b`)."""
        if direction == "f":
            before = await self._pool.fetchval(self._queries["position_before"], moment_ms)
            rows = await self._rows(view, "f", before + 1, view.upto, 1, RoomEventFilter())
        else:
            last = await self._pool.fetchval(self._queries["position_before"], moment_ms + 1)
            rows = await self._rows(view, "b", 0, min(last, view.upto), 1, RoomEventFilter())
        if not rows:
            raise NotFound("there is no event in that direction")
        return rows[0]["event_id"], rows[0]["at"]

    async def row(self, view: RoomView, event_id: str) -> Row:
        """Return the row of one event; `NotFound` where there is none in this room that the person may see."""
        row: Row | None = await self._pool.fetchrow(self._queries["event"], event_id, view.room.room_id)
        if row is None or not view.shows(row["position"]):
            raise NotFound("there is no such event, or you may not see it")
        return row

    async def rendered(self, view: RoomView, rows: Sequence[Row]) -> list[bytes]:
        """Return rows as the person sees them, in the same order."""
        rendered = await self._rendered_by_position(view, rows)
        return [rendered[row["position"]] for row in rows]

    async def _rendered_by_position(self, view: RoomView, rows: Sequence[Row]) -> Mapping[int, bytes]:
        return await self._renderer.render(rows, view.viewer, {view.room.room_id: view.memberships}, sight=view.sight)

    async def _rows(
        self, view: RoomView, direction: Direction, first: int, last: int, limit: int, passes: RoomEventFilter
    ) -> list[Row]:
        ranges = [(max(start, first), min(end, last)) for start, end in view.ranges if start <= last and end >= first]
        if not ranges or limit == 0 or not passes.passes_room(view.room.room_id):
            return []
        rows: list[Row] = await self._pool.fetch(
            self._queries["page_backwards" if direction == "b" else "page_forwards"],
            view.room.room_id,
            [start for start, _ in ranges],
            [end for _, end in ranges],
            limit,
            like_patterns(passes.types),
            like_patterns(passes.not_types),
            passes.senders,
            list(passes.not_senders),
        )
        return rows


def bounds(request: PageRequest, upto: int) -> tuple[int, int]:
    """Return the first and last position that a page may hold."""
    if request.direction == "b":
        last = upto if request.from_position is None else min(request.from_position, upto)
        return (START if request.to_position is None else request.to_position) + 1, last
    first = (START if request.from_position is None else request.from_position) + 1
    return first, upto if request.to_position is None else min(request.to_position, upto)


def end_of(request: PageRequest, shown: Sequence[Row], is_more: bool, first: int, last: int) -> str | None:
    """Return the token of the next page, None where there is none."""
    if not is_more:
        return None
    if not shown:
        return page_token(last if request.direction == "b" else first - 1)
    position: int = shown[-1]["position"]
    return page_token(position - 1 if request.direction == "b" else position)


def passes_body(passes: RoomEventFilter, row: Row) -> bool:
    """Whether a row passes what a filter asks of the content."""
    if passes.contains_url is None:
        return True
    content = msgspec.json.decode(row["body"])["content"]
    return ("url" in content) == passes.contains_url
