"""Asking for an event to be sent later (MSC4140): by a parameter of the usual requests, or by one of its own.

PUT /_matrix/client/v3/rooms/{roomId}/send/... and .../state/... with ?org.matrix.msc4140.delay=
PUT /_matrix/client/unstable/org.matrix.msc4140/rooms/{roomId}/delayed_event/{eventType}/{txnId}
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from myelin.actions.delayed_events import proposal_of
from myelin.actions.send_event import one_segment
from myelin.api.rooms.parameters import EVENT_BODY_LIMIT_BYTES, number_of, room_of
from myelin.entries.entry import transaction_key
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.canonical_json import encode
from myelin.matrix.errors import InvalidParam, NotScheduled, TooLarge
from myelin.matrix.events import MAX_PDU_BYTES
from myelin.matrix.identifiers import encode_base64url
from myelin.matrix.json import JsonObject
from myelin.stores.delayed_events import DelayedEvent, DelayedEvents

DELAY = "org.matrix.msc4140.delay"
ERRCODE = "org.matrix.msc4140.errcode"
MAX_DELAY = "org.matrix.msc4140.max_delay"
# Whoever knows the id may manage the event, so it is as hard to guess as an access token.
ID_BYTES = 24


class DelayedBody(msgspec.Struct, frozen=True):
    """The body of the newer request."""

    delay_ms: int
    content: JsonObject
    state_key: str | None = None


class DelayLimits(msgspec.Struct, frozen=True):
    """How far ahead an event may be asked for, and how many of one person may wait."""

    delay_ms: int
    count: int


class Later(msgspec.Struct, frozen=True):
    """What is to be sent; `transaction` is the endpoint with its parameters and txnId, None where there is none."""

    room_id: str
    type: str
    state_key: str | None
    content: JsonObject
    transaction: str | None


class Delays:
    """Takes down what is to be sent later.

    `head` gives the last position of the log; `changed` is called when something new waits.
    """

    def __init__(
        self,
        events: DelayedEvents,
        limits: DelayLimits,
        clock_ms: Callable[[], int],
        random: Callable[[int], bytes],
        head: Callable[[], int],
        changed: Callable[[], None],
    ) -> None:
        self._events = events
        self._limits = limits
        self._clock_ms = clock_ms
        self._random = random
        self._head = head
        self._changed = changed
        self._body = msgspec.json.Decoder(DelayedBody)

    def routes(self) -> Iterator[Route]:
        """Yield the route of the newer request."""
        path = "/_matrix/client/unstable/org.matrix.msc4140/rooms/{roomId}/delayed_event/{eventType}/{txnId}"
        yield Route("PUT", path, self.put, limit="message", body_limit_bytes=EVENT_BODY_LIMIT_BYTES)

    async def put(self, request: Request) -> Response:
        body = request.parse(self._body)
        _, event_type, txn_id = request.path
        transaction = f"delayed/{one_segment(event_type)}/{txn_id}"
        later = Later(room_of(request), event_type, body.state_key, body.content, transaction)
        return await self.schedule(request, later, body.delay_ms)

    async def schedule(self, request: Request, later: Later, delay_ms: int) -> Response:
        """Keep an event until its time has come; answer with the id of its delay."""
        self._check_delay(delay_ms)
        delayed = self._delayed(request, later, delay_ms)
        # What could never be sent is refused now: its form, not what the room allows then.
        proposal_of(delayed)
        if len(encode(delayed.content)) > MAX_PDU_BYTES:
            raise TooLarge(f"an event may have {MAX_PDU_BYTES} bytes at most")
        delay_id = await self._events.schedule(delayed, self._limits.count)
        if delay_id is None:
            text = f"at most {self._limits.count} of your events can wait at a time; cancel one of them"
            raise NotScheduled(text, **{ERRCODE: "M_MAX_DELAYED_EVENTS_EXCEEDED"})
        self._changed()
        return ok({"delay_id": delay_id})

    def _check_delay(self, delay_ms: int) -> None:
        if delay_ms <= 0:
            raise InvalidParam("a delay is a number of milliseconds, at least 1")
        if delay_ms > self._limits.delay_ms:
            text = f"an event can wait {self._limits.delay_ms} ms at most"
            extra: JsonObject = {ERRCODE: "M_MAX_DELAY_EXCEEDED", MAX_DELAY: self._limits.delay_ms}
            raise NotScheduled(text, **extra)

    def _delayed(self, request: Request, later: Later, delay_ms: int) -> DelayedEvent:
        caller = request.signed_in
        key = None
        if later.transaction is not None:
            key = transaction_key(caller.user_id, caller.device_id, later.room_id, f"later/{later.transaction}")
        return DelayedEvent(
            delay_id=encode_base64url(self._random(ID_BYTES)),
            user_id=caller.user_id,
            device_id=caller.device_id,
            room_id=later.room_id,
            type=later.type,
            state_key=later.state_key,
            content=later.content,
            delay_ms=delay_ms,
            running_since=self._clock_ms(),
            since_position=self._head(),
            transaction_key=key,
        )


def delay_of(request: Request) -> int | None:
    """Return how many ms an event shall wait, None where it shall not."""
    if DELAY.encode() not in request.query_string:
        return None
    return number_of(request.query, DELAY)
