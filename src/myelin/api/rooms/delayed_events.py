"""/_matrix/client/unstable/org.matrix.msc4140/delayed_events: what waits, and what is to become of it (MSC4140).

The form that clients send today, and beside it what the newest text of the proposal says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping

import msgspec

from myelin.actions.delayed_events import send_delayed
from myelin.append.pool import Pool
from myelin.http.messages import EMPTY, Request, Response, ok
from myelin.http.routes import Access, Route
from myelin.matrix.errors import InvalidParam, NotFound, Overtaken
from myelin.matrix.json import JsonObject
from myelin.stores.delayed_events import DelayedEvent, DelayedEvents
from myelin.sync.token import page_token, parse_token

PAGE = 100
GONE = "there is no such delayed event, or it waits no longer"
STATUSES = ("scheduled", "finalised")


class ActionBody(msgspec.Struct, frozen=True):
    """The body of the older request."""

    action: str


class ManageDelayed:
    """Lists, restarts, sends and cancels delayed events. Whoever knows an id may manage its event."""

    def __init__(
        self, pool: Pool, events: DelayedEvents, clock_ms: Callable[[], int], changed: Callable[[], None]
    ) -> None:
        self._pool = pool
        self._events = events
        self._clock_ms = clock_ms
        self._changed = changed
        self._action = msgspec.json.Decoder(ActionBody)
        self._actions: Mapping[str, Callable[[DelayedEvent], Awaitable[Response]]] = {
            "send": self._send,
            "cancel": self._cancel,
            "restart": self._restart,
        }

    def routes(self) -> Iterator[Route]:
        """Yield the routes; those that act need no token, so that an SFU can be given an id and nothing else."""
        path = "/_matrix/client/unstable/org.matrix.msc4140/delayed_events"
        yield Route("GET", path, self.list)
        yield Route("GET", f"{path}/{{delayId}}", self.get)
        yield Route("POST", f"{path}/{{delayId}}", self.post, Access.OPEN, limit="delayed")
        yield Route("POST", f"{path}/{{delayId}}/{{action}}", self.post_action, Access.OPEN, limit="delayed")

    async def post(self, request: Request) -> Response:
        return await self._act(request.path[0], request.parse(self._action).action)

    async def post_action(self, request: Request) -> Response:
        return await self._act(*request.path)

    async def list(self, request: Request) -> Response:
        query, user_id = request.query, request.signed_in.user_id
        status = query.get("status")
        if status not in (None, *STATUSES):
            raise InvalidParam("status must be scheduled or finalised")
        wanted = [value for name, value in request.query_items if name == "delay_id"] or None
        first = parse_token(query["from"]).position if "from" in query else 0
        pages = {
            name: await self._events.of(user_id, name == "finalised", wanted, first, PAGE + 1)
            for name in STATUSES
            if status in (None, name)
        }
        fields: dict[str, object] = {}
        if "scheduled" in pages:
            fields["scheduled"] = fields["delayed_events"] = [shown(each) for each in pages["scheduled"][:PAGE]]
        if "finalised" in pages:
            fields["finalised"] = [outcome_of(each) for each in pages["finalised"][:PAGE]]
        if any(len(page) > PAGE for page in pages.values()):
            fields["next_batch"] = page_token(first + PAGE)
        return ok(fields)

    async def get(self, request: Request) -> Response:
        delayed = await self._events.one(request.path[0])
        if delayed is None or delayed.user_id != request.signed_in.user_id:
            raise NotFound(GONE)
        fields = shown(delayed)
        if delayed.finalised_at is not None:
            outcome = {"error": delayed.error, "event_id": delayed.event_id, "finalised_ts": delayed.finalised_at}
            fields |= {name: value for name, value in outcome.items() if value is not None}
        return ok(fields)

    async def _act(self, delay_id: str, action: str) -> Response:
        act = self._actions.get(action)
        if act is None:
            raise InvalidParam("the action is send, cancel or restart")
        delayed = await self._events.one(delay_id)
        if delayed is None:
            raise NotFound(GONE)
        return await act(delayed)

    async def _send(self, delayed: DelayedEvent) -> Response:
        if delayed.finalised_at is None:
            try:
                await self._pool.submit(send_delayed(delayed, "action"))
                return EMPTY
            except Overtaken:
                # Sent, cancelled or restarted at the same moment, or replaced by another's state: look again.
                now = await self._events.one(delayed.delay_id)
                if now is None or now.finalised_at is None:
                    raise
                delayed = now
        # A repeated request is answered with success.
        if delayed.outcome == "send":
            return EMPTY
        if delayed.error is not None:
            return msgspec.structs.replace(ok(delayed.error), status=403)
        raise NotFound(GONE)

    async def _cancel(self, delayed: DelayedEvent) -> Response:
        if await self._events.cancel(delayed.delay_id, self._clock_ms()):
            return EMPTY
        now = await self._events.one(delayed.delay_id)
        if now is None or now.outcome != "cancel":
            raise NotFound(GONE)
        return EMPTY

    async def _restart(self, delayed: DelayedEvent) -> Response:
        if not await self._events.restart(delayed.delay_id, self._clock_ms()):
            raise NotFound(GONE)
        self._changed()
        return EMPTY


def shown(delayed: DelayedEvent) -> JsonObject:
    """Return a delayed event as its owner sees it, under the names of the older text and of the newer."""
    fields: JsonObject = {
        "delay_id": delayed.delay_id,
        "room_id": delayed.room_id,
        "type": delayed.type,
        "delay": delayed.delay_ms,
        "delay_ms": delayed.delay_ms,
        "running_since": delayed.running_since,
        "scheduled_at": delayed.running_since,
        "content": delayed.content,
    }
    if delayed.state_key is not None:
        fields["state_key"] = delayed.state_key
    return fields


def outcome_of(delayed: DelayedEvent) -> JsonObject:
    """Return what became of a delayed event."""
    fields: JsonObject = {
        "delayed_event": shown(delayed),
        "outcome": delayed.outcome,
        "reason": delayed.reason,
        "origin_server_ts": delayed.finalised_at,
    }
    if delayed.error is not None:
        fields["error"] = delayed.error
    if delayed.event_id is not None:
        fields["event_id"] = delayed.event_id
    return fields
