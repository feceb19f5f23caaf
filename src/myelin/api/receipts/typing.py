"""PUT /_matrix/client/v3/rooms/{roomId}/typing/{userId} (client-server API, "Typing Notifications")."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from myelin.api.callers import own
from myelin.append.loading import Loading
from myelin.ephemera.typing import TIMEOUT_DEFAULT_MS, Typing
from myelin.http.messages import EMPTY, Request, Response
from myelin.http.routes import Route
from myelin.matrix.errors import Forbidden
from myelin.sync.feed import shows_receipts


class TypingBody(msgspec.Struct, frozen=True):
    """The body; without a timeout the server chooses one."""

    typing: bool
    timeout: int = TIMEOUT_DEFAULT_MS


class SetTyping:
    """Lets a room know who is typing."""

    def __init__(self, loading: Loading, typing: Typing) -> None:
        self._loading = loading
        self._typing = typing
        self._decoder = msgspec.json.Decoder(TypingBody)

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("PUT", "/_matrix/client/v3/rooms/{roomId}/typing/{userId}", self.put)

    async def put(self, request: Request) -> Response:
        room_id, user_id = request.path
        own(request, user_id)
        body = request.parse(self._decoder)
        room = await self._loading.room(room_id)
        if room is None or room.membership(user_id) != "join":
            raise Forbidden("you are not in this room; join it first")
        # Where receipts are too many to be shown, so is typing: it would wake everybody.
        if shows_receipts(room.kind, len(room.members)):
            self._typing.set(room_id, user_id, max(body.timeout, 0) if body.typing else 0)
        return EMPTY
