"""/_myelin/v1/rooms/{roomId}/events/{eventId}/ack and .../ack_request: acknowledging a message (收到)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from myelin.actions.acknowledgement import Wanted, acknowledge, remind, request_acknowledgement
from myelin.api.callers import sender_of, viewer_of
from myelin.api.rooms.parameters import room_of
from myelin.append.pool import Pool
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import BadJson, Forbidden, NotFound
from myelin.matrix.identifiers import check_event_id
from myelin.projections.acknowledgements import Acknowledgements
from myelin.state.acknowledgement import Acked
from myelin.sync.history import History
from myelin.sync.room_view import RoomViews


class RequestBody(msgspec.Struct, frozen=True):
    """Who shall acknowledge: these people, or everybody in the room; until when in ms since the epoch."""

    until: int
    user_ids: list[str] | None = None
    everybody: Literal[True] | None = None


class AcknowledgementEndpoints:
    """Asks for acknowledgements, takes them down, reminds, and says how it stands."""

    def __init__(self, pool: Pool, views: RoomViews, history: History, acknowledgements: Acknowledgements) -> None:
        self._pool = pool
        self._views = views
        self._history = history
        self._acknowledgements = acknowledgements
        self._body = msgspec.json.Decoder(RequestBody)

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        event = "/_myelin/v1/rooms/{roomId}/events/{eventId}"
        yield Route("PUT", f"{event}/ack_request", self.request, limit="message")
        yield Route("POST", f"{event}/ack_request/remind", self.remind, limit="message")
        yield Route("PUT", f"{event}/ack", self.acknowledge, limit="message")
        yield Route("GET", f"{event}/ack", self.get)

    async def request(self, request: Request) -> Response:
        body = request.parse(self._body)
        if (body.user_ids is None) == (body.everybody is None):
            raise BadJson("say who shall acknowledge: either user_ids, or everybody: true")
        wanted = Wanted(body.user_ids, body.until)
        proposal = request_acknowledgement(sender_of(request), *place_of(request), wanted)
        return ok({"event_id": await self._pool.submit(proposal)})

    async def acknowledge(self, request: Request) -> Response:
        return ok({"event_id": await self._pool.submit(acknowledge(sender_of(request), *place_of(request)))})

    async def remind(self, request: Request) -> Response:
        event_id, missing = await self._pool.submit(remind(sender_of(request), *place_of(request)))
        return ok({"event_id": event_id, "missing": missing})

    async def get(self, request: Request) -> Response:
        room_id, event_id = place_of(request)
        view = await self._views.of_event(viewer_of(request), room_id)
        await self._history.row(view, event_id)
        if not view.is_joined:
            raise Forbidden("only members may ask who has acknowledged a message")
        known = (await self._acknowledgements.of([event_id]))[event_id]
        if known.asked is None:
            raise NotFound("nobody was asked to acknowledge this message")
        return ok(
            {
                "until": known.asked.until,
                "asked": known.asked.user_ids,
                "acked": [shown(acked) for acked in known.acked.values()],
                "missing": known.missing(view.room),
            }
        )


def place_of(request: Request) -> tuple[str, str]:
    """Return the room and the message of a path."""
    return room_of(request), check_event_id(request.path[1])


def shown(acked: Acked) -> dict[str, object]:
    return {"user_id": acked.user_id, "device_id": acked.device_id, "at": acked.at}
