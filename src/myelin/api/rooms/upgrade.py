"""POST /_matrix/client/v3/rooms/{roomId}/upgrade (client-server API, "Room Upgrades")."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec

from myelin.actions.followed_settings import FollowedSettings
from myelin.actions.upgrade_room import Upgrade, upgrade_room
from myelin.api.callers import sender_of
from myelin.append.loading import Loading
from myelin.append.pool import Pool
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import InvalidParam, NotAuthorized
from myelin.matrix.identifiers import is_user_id
from myelin.matrix.room_versions import room_version
from myelin.sync.room_directory import RoomDirectory

CREATORS_LIMIT = 100


class UpgradeBody(msgspec.Struct, frozen=True):
    """The body, as the specification names it."""

    new_version: str
    additional_creators: Annotated[Sequence[str], msgspec.Meta(max_length=CREATORS_LIMIT)] = ()


class UpgradeRooms:
    """Replaces rooms by others of another version."""

    def __init__(self, pool: Pool, loading: Loading, directory: RoomDirectory, settings: FollowedSettings) -> None:
        self._pool = pool
        self._loading = loading
        self._directory = directory
        self._settings = settings
        self._decoder = msgspec.json.Decoder(UpgradeBody)

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("POST", "/_matrix/client/v3/rooms/{roomId}/upgrade", self.post, limit="room")

    async def post(self, request: Request) -> Response:
        room_id, body, sender = request.path[0], request.parse(self._decoder), sender_of(request)
        room = await self._loading.room(room_id)
        if room is None or room.membership(sender.user_id) != "join":
            raise NotAuthorized("you are not in this room; join it first")
        upgrade = Upgrade(
            room_id=room_id,
            version=room_version(body.new_version),
            additional_creators=added_creators(body, sender.user_id),
            aliases=await self._directory.aliases_of(room_id),
            listed=await self._directory.is_listed(room_id),
        )
        replacement = await self._pool.submit(upgrade_room(sender, upgrade, room))
        await self._settings.follow(sender, replacement)
        return ok({"replacement_room": replacement})


def added_creators(body: UpgradeBody, caller: str) -> Sequence[str]:
    """Return who is to be a creator beside the caller, nobody twice."""
    added = [user_id for user_id in dict.fromkeys(body.additional_creators) if user_id != caller]
    if not all(map(is_user_id, added)):
        raise InvalidParam("additional_creators must be user ids")
    return added
