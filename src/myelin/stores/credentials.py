"""Whether a password is right. Only hashes are kept; they are written beside the entry that says so."""

from __future__ import annotations

import asyncpg
import msgspec

from myelin.schema.queries import load_queries
from myelin.stores.password_hashing import PasswordHashing


class PasswordCheck(msgspec.Struct, frozen=True):
    """The outcome: `stored` is the hash that was compared (None: no such account or no password).

    `renewed` is a hash of the same password at today's cost where the stored one has another.
    """

    matches: bool
    stored: str | None
    renewed: str | None


class Credentials:
    """Reads password hashes and compares."""

    def __init__(self, pool: asyncpg.Pool, hashing: PasswordHashing) -> None:
        self._pool = pool
        self._hashing = hashing
        self._queries = load_queries("myelin.stores", "sessions.sql")

    async def check(self, user_id: str, password: str) -> PasswordCheck:
        """Compare a password; `LimitExceeded` where too many wait."""
        stored: str | None = await self._pool.fetchval(self._queries["password"], user_id)
        matches, renewed = await self._hashing.compare(stored, password)
        return PasswordCheck(matches, stored, renewed)
