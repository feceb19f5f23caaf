"""POST and GET room_keys/version, GET, PUT and DELETE room_keys/version/{version} ("Server-side key backups")."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import orjson

from myelin.actions.key_backup import create_backup, delete_backup, sign_backup
from myelin.api.callers import sender_of
from myelin.append.pool import Pool
from myelin.http.messages import EMPTY, Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix import canonical_json
from myelin.matrix.errors import InvalidParam, NotFound
from myelin.matrix.json import JsonObject
from myelin.stores.key_backup import NO_BACKUP, Backup, KeyBackups

DIGITS_LIMIT = 18


class VersionBody(msgspec.Struct, frozen=True):
    """The body of a new version, or of one that is signed anew."""

    algorithm: str
    auth_data: JsonObject
    version: str | None = None


class BackupVersions:
    """Makes, shows, signs and deletes versions of a key backup."""

    def __init__(self, pool: Pool, backups: KeyBackups) -> None:
        self._pool = pool
        self._backups = backups
        self._decoder = msgspec.json.Decoder(VersionBody)

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        path = "/_matrix/client/v3/room_keys/version"
        yield Route("POST", path, self.post)
        yield Route("GET", path, self.get_current)
        yield Route("GET", f"{path}/{{version}}", self.get)
        yield Route("PUT", f"{path}/{{version}}", self.put)
        yield Route("DELETE", f"{path}/{{version}}", self.delete)

    async def post(self, request: Request) -> Response:
        body = request.parse(self._decoder)
        version = await self._pool.submit(create_backup(sender_of(request), body.algorithm, text_of(body.auth_data)))
        return ok({"version": str(version)})

    async def get_current(self, request: Request) -> Response:
        user_id = request.signed_in.user_id
        return await self._shown(user_id, await self._backups.current(user_id))

    async def get(self, request: Request) -> Response:
        user_id = request.signed_in.user_id
        return await self._shown(user_id, await self._backups.version(user_id, parse_version(request.path[0])))

    async def put(self, request: Request) -> Response:
        body, version = request.parse(self._decoder), request.path[0]
        backup = await self._backups.version(request.signed_in.user_id, parse_version(version))
        if body.version not in (None, version):
            raise InvalidParam("the version in the body is not the one in the path")
        # Must be the same as the algorithm currently used by the backup.
        if body.algorithm != backup.algorithm:
            raise InvalidParam("a key backup keeps its algorithm; make a new version for another")
        if (auth_data := text_of(body.auth_data)) != backup.auth_data:
            await self._pool.submit(sign_backup(sender_of(request), backup, auth_data))
        return EMPTY

    async def delete(self, request: Request) -> Response:
        # If the backup was previously deleted, the call should succeed.
        backup = await self._backups.any_version(request.signed_in.user_id, parse_version(request.path[0]))
        if not backup.deleted:
            await self._pool.submit(delete_backup(sender_of(request), backup))
        return EMPTY

    async def _shown(self, user_id: str, backup: Backup) -> Response:
        fields = {
            "algorithm": backup.algorithm,
            "auth_data": orjson.Fragment(backup.auth_data),
            "count": await self._backups.key_count(user_id, backup.version),
            "etag": str(backup.etag),
            "version": str(backup.version),
        }
        return ok(fields)


def parse_version(text: str) -> int:
    """Return a version; `NotFound` where there can be none of that name."""
    if not text.isascii() or not text.isdigit() or len(text) > DIGITS_LIMIT or str(int(text)) != text:
        raise NotFound(NO_BACKUP)
    return int(text)


def text_of(auth_data: JsonObject) -> str:
    """Return `auth_data` as JSON text."""
    return canonical_json.encode(auth_data).decode()
