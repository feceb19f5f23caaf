"""GET /_matrix/client/v1/mutual_rooms (client-server API, "Mutual rooms")."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.append.loading import Loading
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import InvalidParam
from myelin.matrix.identifiers import check_user_id
from myelin.sync.token import page_token, parse_token

PAGE = 500


class MutualRooms:
    """Says in which rooms the caller and somebody else both are."""

    def __init__(self, loading: Loading) -> None:
        self._loading = loading

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("GET", "/_matrix/client/v1/mutual_rooms", self.get, limit="search")

    async def get(self, request: Request) -> Response:
        query, own_id = request.query, request.signed_in.user_id
        other_id = check_user_id(query.get("user_id", ""))
        # The user_id was the sender's own.
        if other_id == own_id:
            raise InvalidParam("user_id must be somebody else's")
        first = parse_token(query["from"]).position if "from" in query else 0
        both = sorted(await self._joined(own_id) & await self._joined(other_id))
        last = first + PAGE
        fields: dict[str, object] = {"joined": both[first:last], "count": len(both)}
        return ok(fields | {"next_batch": page_token(last)} if last < len(both) else fields)

    async def _joined(self, user_id: str) -> set[str]:
        user = await self._loading.user(user_id)
        return set(user.rooms_with("join")) if user is not None else set()
