"""POST /_matrix/client/v3/createRoom (client-server API, "Creation")."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from myelin.actions.create_room import InitialState, NewRoom, create_room
from myelin.api.callers import sender_of
from myelin.append.pool import Pool
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import room_version

INVITES_LIMIT = 500


class CreateRoomBody(msgspec.Struct, frozen=True):
    """The body, as the specification names it."""

    creation_content: JsonObject = {}
    initial_state: Sequence[InitialState] = ()
    invite: Sequence[str] = ()
    is_direct: bool = False
    name: str | None = None
    power_level_content_override: JsonObject = {}
    preset: Literal["private_chat", "trusted_private_chat", "public_chat"] | None = None
    room_alias_name: str | None = None
    room_version: str | None = None
    topic: str | None = None
    visibility: Literal["public", "private"] = "private"


class CreateRoom:
    """Makes rooms."""

    def __init__(self, pool: Pool, default_room_version: str) -> None:
        self._pool = pool
        self._default_room_version = default_room_version
        self._decoder = msgspec.json.Decoder(CreateRoomBody)

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("POST", "/_matrix/client/v3/createRoom", self.post, limit="room")

    async def post(self, request: Request) -> Response:
        body = request.parse(self._decoder)
        new = NewRoom(
            version=room_version(body.room_version or self._default_room_version),
            # If unspecified, the server should use the visibility to determine which preset to use.
            preset=body.preset or ("public_chat" if body.visibility == "public" else "private_chat"),
            name=body.name,
            topic=body.topic,
            invite=body.invite,
            is_direct=body.is_direct,
            creation_content=body.creation_content,
            initial_state=body.initial_state,
            power_level_content_override=body.power_level_content_override,
        )
        return ok({"room_id": await self._pool.submit(create_room(sender_of(request), new))})
