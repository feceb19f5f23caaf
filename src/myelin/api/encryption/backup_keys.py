"""PUT, GET and DELETE room_keys/keys, .../{roomId}, .../{roomId}/{sessionId} ("Server-side key backups")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

import msgspec
import orjson

from myelin.api.encryption.backup_versions import parse_version
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import MissingParam, NotFound
from myelin.matrix.json import JsonObject
from myelin.stores.key_backup import BackupKey, KeyBackups, Place

# A client that restores a lost backup uploads all it has.
BODY_LIMIT_BYTES = 16 * 1024 * 1024

Count = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class SessionBody(msgspec.Struct, frozen=True):
    """The key of one session, as the specification names it."""

    first_message_index: Count
    forwarded_count: Count
    is_verified: bool
    session_data: JsonObject


class RoomBody(msgspec.Struct, frozen=True):
    """The keys of one room by session."""

    sessions: dict[str, SessionBody]


class RoomsBody(msgspec.Struct, frozen=True):
    """The keys of several rooms."""

    rooms: dict[str, RoomBody]


class BackupKeys:
    """Keeps, gives back and deletes the keys of a backup: of all rooms, of one, or of one session."""

    def __init__(self, backups: KeyBackups) -> None:
        self._backups = backups
        self._rooms = msgspec.json.Decoder(RoomsBody)
        self._room = msgspec.json.Decoder(RoomBody)
        self._session = msgspec.json.Decoder(SessionBody)

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        keys = "/_matrix/client/v3/room_keys/keys"
        room, session = f"{keys}/{{roomId}}", f"{keys}/{{roomId}}/{{sessionId}}"
        yield Route("PUT", keys, self.put_rooms, body_limit_bytes=BODY_LIMIT_BYTES)
        yield Route("PUT", room, self.put_room, body_limit_bytes=BODY_LIMIT_BYTES)
        yield Route("PUT", session, self.put_session)
        yield Route("GET", keys, self.get_rooms)
        yield Route("GET", room, self.get_room)
        yield Route("GET", session, self.get_session)
        for path in (keys, room, session):
            yield Route("DELETE", path, self.delete)

    async def put_rooms(self, request: Request) -> Response:
        body = request.parse(self._rooms)
        found = (
            key_of(room_id, session_id, session)
            for room_id, room in body.rooms.items()
            for session_id, session in room.sessions.items()
        )
        return await self._put(request, found)

    async def put_room(self, request: Request) -> Response:
        (room_id,) = request.path
        body = request.parse(self._room)
        return await self._put(request, (key_of(room_id, name, session) for name, session in body.sessions.items()))

    async def put_session(self, request: Request) -> Response:
        room_id, session_id = request.path
        return await self._put(request, [key_of(room_id, session_id, request.parse(self._session))])

    async def get_rooms(self, request: Request) -> Response:
        rooms: dict[str, dict[str, dict[str, object]]] = {}
        for key in await self._get(request):
            rooms.setdefault(key.room_id, {"sessions": {}})["sessions"][key.session_id] = session_of(key)
        return ok({"rooms": rooms})

    async def get_room(self, request: Request) -> Response:
        return ok({"sessions": {key.session_id: session_of(key) for key in await self._get(request)}})

    async def get_session(self, request: Request) -> Response:
        keys = await self._get(request)
        if not keys:
            raise NotFound("the key backup has no key of this session")
        return ok(session_of(keys[0]))

    async def delete(self, request: Request) -> Response:
        user_id, version = request.signed_in.user_id, version_of(request)
        await self._backups.delete(user_id, version, Place(*request.path))
        return await self._changed(user_id, version)

    async def _put(self, request: Request, keys: Iterable[BackupKey]) -> Response:
        user_id, version = request.signed_in.user_id, version_of(request)
        await self._backups.put(user_id, version, list(keys))
        return await self._changed(user_id, version)

    async def _get(self, request: Request) -> list[BackupKey]:
        user_id, version = request.signed_in.user_id, version_of(request)
        await self._backups.version(user_id, version)
        return await self._backups.keys(user_id, version, Place(*request.path))

    async def _changed(self, user_id: str, version: int) -> Response:
        backup = await self._backups.version(user_id, version)
        return ok({"etag": str(backup.etag), "count": await self._backups.key_count(user_id, version)})


def version_of(request: Request) -> int:
    """Return the version that the query names."""
    version = request.query.get("version")
    if version is None:
        raise MissingParam("say in the query which version of the key backup is meant")
    return parse_version(version)


def key_of(room_id: str, session_id: str, body: SessionBody) -> BackupKey:
    """Return the key of a session as it is kept."""
    session_data = msgspec.json.encode(body.session_data).decode()
    return BackupKey(
        room_id, session_id, body.first_message_index, body.forwarded_count, body.is_verified, session_data
    )


def session_of(key: BackupKey) -> dict[str, object]:
    """Return the key of a session as it was uploaded."""
    return {
        "first_message_index": key.first_message_index,
        "forwarded_count": key.forwarded_count,
        "is_verified": key.is_verified,
        "session_data": orjson.Fragment(key.session_data),
    }
