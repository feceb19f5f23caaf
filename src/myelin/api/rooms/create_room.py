"""POST /_matrix/client/v3/createRoom (client-server API, "Creation")."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import msgspec

from myelin.actions.create_room import InitialState, NewRoom, create_room
from myelin.api.callers import sender_of
from myelin.append.pool import Pool
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import ThreepidDenied
from myelin.matrix.identifiers import room_alias
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import room_version

# Everything of a room is made in one turn, and everybody else waits for that.
INVITES_LIMIT = 500
INITIAL_STATE_LIMIT = 100


class CreateRoomBody(msgspec.Struct, frozen=True):
    """The body, as the specification names it."""

    creation_content: JsonObject = {}
    initial_state: Annotated[Sequence[InitialState], msgspec.Meta(max_length=INITIAL_STATE_LIMIT)] = ()
    invite: Annotated[Sequence[str], msgspec.Meta(max_length=INVITES_LIMIT)] = ()
    is_direct: bool = False
    name: str | None = None
    power_level_content_override: JsonObject = {}
    preset: Literal["private_chat", "trusted_private_chat", "public_chat"] | None = None
    invite_3pid: Sequence[JsonObject] = ()
    room_alias_name: str | None = None
    room_version: str | None = None
    topic: str | None = None
    visibility: Literal["public", "private"] = "private"


class CreateRoom:
    """Makes rooms."""

    def __init__(self, pool: Pool, server_name: str, default_room_version: str) -> None:
        self._pool = pool
        self._server_name = server_name
        self._default_room_version = default_room_version
        self._decoder = msgspec.json.Decoder(CreateRoomBody)

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("POST", "/_matrix/client/v3/createRoom", self.post, limit="room")

    async def post(self, request: Request) -> Response:
        body = request.parse(self._decoder)
        sender = sender_of(request)
        if body.invite_3pid:
            raise ThreepidDenied
        return ok({"room_id": await self._pool.submit(create_room(sender, self._wanted(body, sender.user_id)))})

    def _wanted(self, body: CreateRoomBody, creator: str) -> NewRoom:
        version = self._default_room_version if body.room_version is None else body.room_version
        localpart = body.room_alias_name
        return NewRoom(
            version=room_version(version),
            # If unspecified, the server should use the visibility to determine which preset to use.
            preset=body.preset or ("public_chat" if body.visibility == "public" else "private_chat"),
            name=body.name,
            topic=body.topic,
            alias=room_alias(localpart, self._server_name) if localpart is not None else None,
            listed=body.visibility == "public",
            invite=[user_id for user_id in dict.fromkeys(body.invite) if user_id != creator],
            is_direct=body.is_direct,
            creation_content=body.creation_content,
            initial_state=body.initial_state,
            power_level_content_override=body.power_level_content_override,
        )
