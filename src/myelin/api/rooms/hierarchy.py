"""GET /_matrix/client/v1/rooms/{roomId}/hierarchy (client-server API, "Discovering rooms within spaces")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from myelin.api.rooms.parameters import number_of, room_of
from myelin.append.loading import Loading
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import Forbidden, InvalidParam
from myelin.sync.spaces import HierarchyRequest, Spaces

DEFAULT_LIMIT = 50
LIMIT = 100
TRUTHS: Mapping[str, bool] = {"true": True, "false": False}
# How many rooms were shown, to what depth (empty: any), and whether only those that are suggested.
TOKEN = re.compile(r"h([0-9]{1,9})\.([0-9]{0,9})\.([01])\Z")


class Hierarchy:
    """Shows what lies in a space."""

    def __init__(self, loading: Loading, spaces: Spaces) -> None:
        self._loading = loading
        self._spaces = spaces

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("GET", "/_matrix/client/v1/rooms/{roomId}/hierarchy", self.get, limit="search")

    async def get(self, request: Request) -> Response:
        wanted = wanted_of(room_of(request), request.query)
        user = await self._loading.user(request.signed_in.user_id)
        if user is None:
            raise Forbidden("there is no such account")
        rooms, is_more = await self._spaces.page(user, wanted)
        fields: dict[str, object] = {"rooms": rooms}
        return ok(fields | {"next_batch": token_after(wanted)} if is_more else fields)


def wanted_of(room_id: str, query: Mapping[str, str]) -> HierarchyRequest:
    """Return what a query asks for; `InvalidParam` where it changes between pages what a walk depends on."""
    suggested = query.get("suggested_only", "false")
    if suggested not in TRUTHS:
        raise InvalidParam("suggested_only must be true or false")
    max_depth = number_of(query, "max_depth") if "max_depth" in query else None
    limit = number_of(query, "limit") if "limit" in query else DEFAULT_LIMIT
    if limit == 0:
        raise InvalidParam("limit must be at least 1")
    wanted = HierarchyRequest(room_id, max_depth, TRUTHS[suggested], 0, min(limit, LIMIT))
    return continued(wanted, query["from"]) if "from" in query else wanted


def continued(wanted: HierarchyRequest, token: str) -> HierarchyRequest:
    """Return the request for the page that a token stands before."""
    found = TOKEN.match(token)
    if found is None:
        raise InvalidParam("from must be a token that this server gave")
    first, depth, suggested = found.groups()
    begun = HierarchyRequest(wanted.room_id, int(depth) if depth else None, suggested == "1", int(first), wanted.limit)
    # `max_depth` and `suggested_only` cannot be changed from the first request.
    if (begun.max_depth, begun.suggested_only) != (wanted.max_depth, wanted.suggested_only):
        raise InvalidParam("max_depth and suggested_only cannot change between pages")
    return begun


def token_after(wanted: HierarchyRequest) -> str:
    """Return the token of the page behind this one."""
    depth = "" if wanted.max_depth is None else wanted.max_depth
    return f"h{wanted.first + wanted.limit}.{depth}.{int(wanted.suggested_only)}"
