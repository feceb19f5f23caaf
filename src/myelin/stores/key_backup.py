"""Key backups: what a person's clients keep here, encrypted, to read old messages on a new device.

Versions are written beside their entries. Keys are many, prove nothing and change nothing that others see, so they
are written here, in a transaction of their own.
"""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import msgspec

from myelin.matrix.errors import NotFound, WrongRoomKeysVersion
from myelin.schema.queries import load_queries

NO_BACKUP = "there is no such key backup"


class Backup(msgspec.Struct, frozen=True):
    """One version; `auth_data` is JSON, `etag` counts the changes of its keys."""

    version: int
    algorithm: str
    auth_data: str
    etag: int
    deleted: bool = False


class BackupKey(msgspec.Struct, frozen=True, gc=False):
    """The key of one session; `session_data` is JSON."""

    room_id: str
    session_id: str
    first_message_index: int
    forwarded_count: int
    is_verified: bool
    session_data: str


class Place(msgspec.Struct, frozen=True, gc=False):
    """Which keys of a backup: those of all rooms, of one, or of one session."""

    room_id: str | None = None
    session_id: str | None = None


class KeyBackups:
    """Everybody's key backups."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.stores", "key_backup.sql")

    async def current(self, user_id: str) -> Backup:
        """Return the newest backup; `NotFound` where there is none."""
        row = await self._pool.fetchrow(self._queries["current_backup"], user_id)
        if row is None:
            raise NotFound("there is no key backup yet")
        return Backup(row["version"], row["algorithm"], row["auth_data"], row["etag"])

    async def any_version(self, user_id: str, version: int) -> Backup:
        """Return a backup, be it deleted; `NotFound` where there never was one."""
        row = await self._pool.fetchrow(self._queries["backup"], user_id, version)
        if row is None:
            raise NotFound(NO_BACKUP)
        return Backup(row["version"], row["algorithm"], row["auth_data"], row["etag"], row["deleted"])

    async def version(self, user_id: str, version: int) -> Backup:
        """Return a backup; `NotFound` where there is none or it was deleted."""
        backup = await self.any_version(user_id, version)
        if backup.deleted:
            raise NotFound(NO_BACKUP)
        return backup

    async def key_count(self, user_id: str, version: int) -> int:
        """Return how many keys a backup holds."""
        return int(await self._pool.fetchval(self._queries["key_count"], user_id, version))

    async def keys(self, user_id: str, version: int, place: Place) -> list[BackupKey]:
        """Return keys of a backup."""
        rows = await self._pool.fetch(self._queries["backup_keys"], user_id, version, place.room_id, place.session_id)
        return [BackupKey(*(row[name] for name in BackupKey.__struct_fields__)) for row in rows]

    async def put(self, user_id: str, version: int, keys: Sequence[BackupKey]) -> None:
        """Keep the better of each key given and the one kept before; only the current backup takes keys."""
        async with self._pool.acquire() as connection, connection.transaction():
            current = await connection.fetchval(self._queries["lock_current_backup"], user_id)
            if current is None:
                raise NotFound(NO_BACKUP)
            if current != version:
                raise WrongRoomKeysVersion(current_version=str(current))
            columns = ([getattr(key, name) for key in keys] for name in BackupKey.__struct_fields__)
            if await connection.fetch(self._queries["put_backup_keys"], user_id, version, *columns):
                await connection.execute(self._queries["count_change"], user_id, version)

    async def delete(self, user_id: str, version: int, place: Place) -> None:
        """Delete keys of a backup; `NotFound` where there is no such backup."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(self._queries["lock_backup"], user_id, version) is None:
                raise NotFound(NO_BACKUP)
            deleted = await connection.fetch(
                self._queries["delete_backup_keys"], user_id, version, place.room_id, place.session_id
            )
            if deleted:
                await connection.execute(self._queries["count_change"], user_id, version)
