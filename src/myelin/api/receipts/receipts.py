"""Receipts and read markers (client-server API, "Receipts" and "Read and unread markers").

POST /_matrix/client/v3/rooms/{roomId}/receipt/{receiptType}/{eventId}
POST /_matrix/client/v3/rooms/{roomId}/read_markers
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import msgspec

from myelin.actions.account_data import Place, set_account_data
from myelin.api.callers import sender_of
from myelin.append.collector import Collector
from myelin.append.loading import Loading
from myelin.append.pool import Pool
from myelin.entries.items import Receipt
from myelin.http.messages import EMPTY, Request, Response
from myelin.http.routes import Route
from myelin.matrix.errors import Forbidden, InvalidParam, NotFound
from myelin.sync.read_events import ReadEvent, ReadEvents

RECEIPT_TYPES = ("m.read", "m.read.private", "m.fully_read")
MAIN = "main"


class ReadMarkersBody(msgspec.Struct, frozen=True):
    """The body of `/read_markers`."""

    fully_read: str | None = msgspec.field(name="m.fully_read", default=None)
    read: str | None = msgspec.field(name="m.read", default=None)
    read_private: str | None = msgspec.field(name="m.read.private", default=None)


class Receipts:
    """Takes down how far people have read."""

    def __init__(
        self,
        pool: Pool,
        loading: Loading,
        collector: Collector[Receipt],
        read_events: ReadEvents,
        clock_ms: Callable[[], int],
    ) -> None:
        self._pool = pool
        self._loading = loading
        self._collector = collector
        self._read_events = read_events
        self._clock_ms = clock_ms
        self._markers = msgspec.json.Decoder(ReadMarkersBody)

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        room = "/_matrix/client/v3/rooms/{roomId}"
        yield Route("POST", f"{room}/receipt/{{receiptType}}/{{eventId}}", self.post_receipt)
        yield Route("POST", f"{room}/read_markers", self.post_markers)

    async def post_receipt(self, request: Request) -> Response:
        room_id, kind, event_id = request.path
        if kind not in RECEIPT_TYPES:
            raise InvalidParam(f"the type of a receipt is one of {', '.join(RECEIPT_TYPES)}")
        thread = thread_of(request, kind)
        await self._check_joined(request, room_id)
        if kind == "m.fully_read":
            await self._mark(request, room_id, event_id)
        else:
            await self._read(request, room_id, event_id, thread, private=kind == "m.read.private")
        return EMPTY

    async def post_markers(self, request: Request) -> Response:
        (room_id,) = request.path
        body = request.parse(self._markers)
        await self._check_joined(request, room_id)
        # Together: each receipt waits a moment for company.
        marked = [self._mark(request, room_id, body.fully_read)] if body.fully_read is not None else []
        if body.read is not None:
            marked.append(self._read(request, room_id, body.read, None, private=False))
        if body.read_private is not None:
            marked.append(self._read(request, room_id, body.read_private, None, private=True))
        await asyncio.gather(*marked)
        return EMPTY

    async def _check_joined(self, request: Request, room_id: str) -> None:
        user = await self._loading.user(request.signed_in.user_id)
        room = user.rooms.get(room_id) if user is not None else None
        if room is None or room.membership != "join":
            raise Forbidden("you are not in this room; join it first")

    async def _event(self, room_id: str, event_id: str) -> ReadEvent:
        event = await self._read_events.event(room_id, event_id)
        if event is None:
            raise NotFound("there is no such event in this room")
        return event

    async def _mark(self, request: Request, room_id: str, event_id: str) -> None:
        # The event MUST belong to the room.
        await self._event(room_id, event_id)
        place = Place("m.fully_read", room_id)
        await self._pool.submit(set_account_data(sender_of(request), place, {"event_id": event_id}))

    async def _read(self, request: Request, room_id: str, event_id: str, thread: str | None, private: bool) -> None:
        event = await self._event(room_id, event_id)
        check_in_thread(event_id, event, thread)
        receipt = Receipt(
            user_id=request.signed_in.user_id,
            device_id=request.signed_in.device_id,
            room_id=room_id,
            event_id=event_id,
            read_position=event.position,
            at=self._clock_ms(),
            thread=thread,
            private=private,
        )
        if await self._read_events.goes_further(receipt):
            await self._collector.record(receipt)


def thread_of(request: Request, kind: str) -> str | None:
    """Return the thread that a receipt is for, None for an unthreaded one."""
    content = request.json_object()
    if "thread_id" not in content:
        return None
    thread = content["thread_id"]
    # The thread_id is not a string, or empty, or provided for an incompatible receipt type.
    if not isinstance(thread, str) or not thread:
        raise InvalidParam("thread_id must be a non-empty string")
    if kind == "m.fully_read":
        raise InvalidParam("a read marker is for the whole room; leave thread_id out")
    return thread


def check_in_thread(event_id: str, event: ReadEvent, thread: str | None) -> None:
    # The event_id is not related to the thread_id. A root is in the main timeline, and begins its own thread besides.
    related = thread is None or thread == (event.thread or MAIN) or thread == event_id
    if not related:
        raise InvalidParam("this event is not in that thread")
