"""/_matrix/client/v3/presence/{userId}/status (client-server API, "Presence"): accepted, and not kept.

Who is at their desk is nobody's business in a hospital; clients that ask are told that everybody is offline.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from myelin.api.callers import own
from myelin.append.loading import Loading
from myelin.http.messages import EMPTY, Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import NotFound


class PresenceBody(msgspec.Struct, frozen=True):
    """The body of a new presence."""

    presence: Literal["online", "offline", "unavailable"]
    status_msg: str | None = None


class Presence:
    """Answers clients that speak of presence."""

    def __init__(self, loading: Loading) -> None:
        self._loading = loading
        self._decoder = msgspec.json.Decoder(PresenceBody)

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        path = "/_matrix/client/v3/presence/{userId}/status"
        yield Route("PUT", path, self.put)
        yield Route("GET", path, self.get)

    async def put(self, request: Request) -> Response:
        own(request, *request.path)
        request.parse(self._decoder)
        return EMPTY

    async def get(self, request: Request) -> Response:
        user = await self._loading.user(*request.path)
        if user is None or not user.active:
            raise NotFound("there is no such person")
        return ok({"presence": "offline"})
