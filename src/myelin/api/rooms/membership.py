"""Joining, knocking, inviting, leaving, removing, banning, forgetting (client-server API, "Room membership")."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import msgspec

from myelin.actions.followed_settings import FollowedSettings
from myelin.actions.members import ban, forget, invite, join_room, kick, knock, leave, unban
from myelin.actions.sender import Sender
from myelin.api.callers import sender_of
from myelin.api.rooms.parameters import room_of
from myelin.append.loading import Loading
from myelin.append.pool import Pool
from myelin.append.proposal import Proposal
from myelin.http.messages import EMPTY, Request, Response, ok
from myelin.http.routes import Handler, Route
from myelin.matrix.errors import MissingParam, ThreepidDenied
from myelin.matrix.identifiers import check_room_alias, check_room_id
from myelin.sync.room_directory import RoomDirectory

Moderation: TypeAlias = Callable[[Sender, str, str, str | None], Proposal[None]]


class ReasonBody(msgspec.Struct, frozen=True):
    """The body of what one does for oneself."""

    reason: str | None = None


class PersonBody(msgspec.Struct, frozen=True):
    """The body of what one does to somebody else."""

    user_id: str
    reason: str | None = None


class InviteBody(msgspec.Struct, frozen=True):
    """The body of an invitation: by user id, or (refused here) by an address."""

    user_id: str | None = None
    reason: str | None = None
    address: str | None = None


class Membership:
    """Changes memberships."""

    def __init__(self, pool: Pool, loading: Loading, directory: RoomDirectory, settings: FollowedSettings) -> None:
        self._pool = pool
        self._loading = loading
        self._directory = directory
        self._settings = settings
        self._reason = msgspec.json.Decoder(ReasonBody)
        self._person = msgspec.json.Decoder(PersonBody)
        self._invite = msgspec.json.Decoder(InviteBody)

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        room = "/_matrix/client/v3/rooms/{roomId}"
        yield Route("POST", f"{room}/join", self.join, limit="join")
        yield Route("POST", "/_matrix/client/v3/join/{roomIdOrAlias}", self.join, limit="join")
        yield Route("POST", "/_matrix/client/v3/knock/{roomIdOrAlias}", self.knock, limit="join")
        yield Route("POST", f"{room}/leave", self.leave, limit="join")
        yield Route("POST", f"{room}/forget", self.forget, limit="join")
        yield Route("POST", f"{room}/invite", self.invite, limit="invite")
        for name, moderation in (("kick", kick), ("ban", ban), ("unban", unban)):
            yield Route("POST", f"{room}/{name}", self._moderation(moderation))
        yield Route("GET", "/_matrix/client/v3/joined_rooms", self.joined_rooms)

    async def join(self, request: Request) -> Response:
        reason = request.parse(self._reason).reason
        sender, room_id = sender_of(request), await self._room(request)
        joined = await self._pool.submit(join_room(sender, room_id, reason))
        await self._settings.follow(sender, joined)
        return ok({"room_id": joined})

    async def knock(self, request: Request) -> Response:
        reason = request.parse(self._reason).reason
        room_id = await self._room(request)
        return ok({"room_id": await self._pool.submit(knock(sender_of(request), room_id, reason))})

    async def leave(self, request: Request) -> Response:
        reason = request.parse(self._reason).reason
        await self._pool.submit(leave(sender_of(request), room_of(request), reason))
        return EMPTY

    async def forget(self, request: Request) -> Response:
        await self._pool.submit(forget(sender_of(request), room_of(request)))
        return EMPTY

    async def invite(self, request: Request) -> Response:
        body = request.parse(self._invite)
        if body.user_id is None:
            raise MissingParam("user_id is missing") if body.address is None else ThreepidDenied
        await self._pool.submit(invite(sender_of(request), room_of(request), body.user_id, body.reason))
        return EMPTY

    async def joined_rooms(self, request: Request) -> Response:
        user = await self._loading.user(request.signed_in.user_id)
        return ok({"joined_rooms": user.rooms_with("join") if user is not None else []})

    def _moderation(self, moderation: Moderation) -> Handler:
        async def post(request: Request) -> Response:
            body = request.parse(self._person)
            await self._pool.submit(moderation(sender_of(request), room_of(request), body.user_id, body.reason))
            return EMPTY

        return post

    async def _room(self, request: Request) -> str:
        """Return the room of a path that holds its id or an alias."""
        (name,) = request.path
        if name.startswith("#"):
            return await self._directory.room_of(check_room_alias(name))
        return check_room_id(name)
