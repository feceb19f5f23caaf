"""Joining and inviting (client-server API, "Room membership")."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from myelin.actions.members import invite, join_room
from myelin.api.callers import sender_of
from myelin.append.pool import Pool
from myelin.http.messages import EMPTY, Request, Response, ok
from myelin.http.routes import Route


class JoinBody(msgspec.Struct, frozen=True):
    """The body of a join."""

    reason: str | None = None


class InviteBody(msgspec.Struct, frozen=True):
    """The body of an invitation."""

    user_id: str
    reason: str | None = None


class Membership:
    """Changes memberships."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._join = msgspec.json.Decoder(JoinBody)
        self._invite = msgspec.json.Decoder(InviteBody)

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        yield Route("POST", "/_matrix/client/v3/rooms/{roomId}/join", self.join, limit="join")
        yield Route("POST", "/_matrix/client/v3/join/{roomIdOrAlias}", self.join, limit="join")
        yield Route("POST", "/_matrix/client/v3/rooms/{roomId}/invite", self.invite, limit="invite")

    async def join(self, request: Request) -> Response:
        (room_id,) = request.path
        body = request.parse(self._join)
        return ok({"room_id": await self._pool.submit(join_room(sender_of(request), room_id, body.reason))})

    async def invite(self, request: Request) -> Response:
        (room_id,) = request.path
        body = request.parse(self._invite)
        await self._pool.submit(invite(sender_of(request), room_id, body.user_id, body.reason))
        return EMPTY
