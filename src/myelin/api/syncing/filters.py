"""/_matrix/client/v3/user/{userId}/filter (client-server API, "Filtering")."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from myelin.api.callers import own
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import NotFound
from myelin.stores.filters import StoredFilters
from myelin.sync.filters import parse_filter

FILTER_LIMIT_BYTES = 64 * 1024


class Filters:
    """Keeps filters that clients reuse."""

    def __init__(self, stored: StoredFilters) -> None:
        self._stored = stored

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        path = "/_matrix/client/v3/user/{userId}/filter"
        yield Route("POST", path, self.post, body_limit_bytes=FILTER_LIMIT_BYTES)
        yield Route("GET", f"{path}/{{filterId}}", self.get)

    async def post(self, request: Request) -> Response:
        user_id = own(request, *request.path)
        definition = request.json_object()
        parse_filter(orjson.dumps(definition))
        return ok({"filter_id": await self._stored.add(user_id, definition)})

    async def get(self, request: Request) -> Response:
        user_id, filter_id = request.path
        definition = await self._stored.definition(own(request, user_id), filter_id)
        if definition is None:
            raise NotFound("there is no such filter")
        return Response(200, definition)
