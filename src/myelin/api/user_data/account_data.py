"""/_matrix/client/v3/user/{userId}/account_data/{type}, and the same below rooms/{roomId}.

Client-server API, "Client Config".
"""

from __future__ import annotations

from collections.abc import Iterator

from myelin.actions.account_data import Place, set_account_data
from myelin.api.callers import own, sender_of
from myelin.append.pool import Pool
from myelin.http.messages import EMPTY, Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import MatrixError, NotFound
from myelin.matrix.identifiers import check_room_id
from myelin.matrix.json import JsonObject
from myelin.projections.account_data import AccountDataReader
from myelin.rules.push import rules_of

SERVER_TYPES = frozenset({"m.fully_read", "m.push_rules"})


class ServerManaged(MatrixError):
    """Account data of this type has an endpoint of its own."""

    status, errcode = 405, "M_BAD_JSON"


class AccountData:
    """Stores what a person's clients want to remember."""

    def __init__(self, pool: Pool, reader: AccountDataReader) -> None:
        self._pool = pool
        self._reader = reader

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        everywhere = "/_matrix/client/v3/user/{userId}/account_data/{type}"
        in_room = "/_matrix/client/v3/user/{userId}/rooms/{roomId}/account_data/{type}"
        yield Route("PUT", everywhere, self.put)
        yield Route("GET", everywhere, self.get)
        yield Route("PUT", in_room, self.put_in_room)
        yield Route("GET", in_room, self.get_in_room)

    async def put(self, request: Request) -> Response:
        user_id, event_type = request.path
        own(request, user_id)
        return await self._set(request, Place(event_type))

    async def put_in_room(self, request: Request) -> Response:
        user_id, room_id, event_type = request.path
        own(request, user_id)
        return await self._set(request, Place(event_type, check_room_id(room_id)))

    async def get(self, request: Request) -> Response:
        user_id, event_type = request.path
        own(request, user_id)
        content = await self._reader.content(user_id, "", event_type)
        if event_type == "m.push_rules":
            return ok(rules_of(content, user_id))
        return found(content)

    async def get_in_room(self, request: Request) -> Response:
        user_id, room_id, event_type = request.path
        own(request, user_id)
        return found(await self._reader.content(user_id, check_room_id(room_id), event_type))

    async def _set(self, request: Request, place: Place) -> Response:
        content = request.json_object()
        # Servers MUST reject setting account data for event types that the server manages by using a 405 error.
        if place.type in SERVER_TYPES:
            raise ServerManaged
        await self._pool.submit(set_account_data(sender_of(request), place, content))
        return EMPTY


def found(content: JsonObject | None) -> Response:
    """Return a content; `NotFound` where it was never set."""
    if content is None:
        raise NotFound("there is no account data of this type")
    return ok(content)
