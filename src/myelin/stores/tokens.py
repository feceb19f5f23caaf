"""Whose token this is: looked up by hash, remembered until the log says that the session changed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import sha256

import asyncpg
import msgspec

from myelin.entries import facts as kinds
from myelin.entries.entry import Entry
from myelin.matrix.errors import UnknownToken
from myelin.schema.queries import load_queries

REMEMBERED_LIMIT = 100_000
SESSION_KINDS = (
    kinds.DeviceAdded,
    kinds.SignedIn,
    kinds.DeviceRemoved,
    kinds.AccountDeactivated,
)


class TokenOwner(msgspec.Struct, frozen=True, gc=False):
    """The owner of a pair of tokens, whose access token has this hash; `expires_at` in ms, None for one without end.

    `unconfirmed`: the pair came from a refresh and has not been used yet.
    """

    token_hash: bytes
    user_id: str
    device_id: str
    expires_at: int | None = None
    unconfirmed: bool = False
    is_service: bool = False


class AccessTokens:
    """Checks access tokens. Only hashes are kept, in the database and here."""

    def __init__(self, pool: asyncpg.Pool, clock_ms: Callable[[], int]) -> None:
        self._pool = pool
        self._clock_ms = clock_ms
        self._queries = load_queries("myelin.stores", "sessions.sql")
        self._owners: OrderedDict[bytes, TokenOwner] = OrderedDict()
        self._hashes: dict[str, set[bytes]] = {}
        self._changes = 0

    async def owner(self, token: str) -> TokenOwner:
        """Return the owner; `UnknownToken` where there is none, soft where the token has only expired."""
        token_hash = hashed(token)
        owner = self._owners.get(token_hash) or await self._look_up(token_hash)
        if owner.expires_at is not None and owner.expires_at <= self._clock_ms():
            raise UnknownToken("this access token has expired; refresh it", soft_logout=True)
        return owner

    async def refreshed_by(self, refresh_token: str) -> TokenOwner:
        """Return the owner of a refresh token; `UnknownToken` where there is none."""
        row = await self._pool.fetchrow(self._queries["refresh_token"], hashed(refresh_token))
        if row is None:
            raise UnknownToken("this refresh token is not valid; sign in again")
        return msgspec.convert(dict(row), TokenOwner)

    def published(self, entries: Sequence[Entry]) -> None:
        """Forget the tokens of sessions that changed."""
        for entry in entries:
            if isinstance(entry.facts, SESSION_KINDS):
                self._changes += 1
                for token_hash in self._hashes.pop(entry.sender or "", ()):
                    self._owners.pop(token_hash, None)

    async def _look_up(self, token_hash: bytes) -> TokenOwner:
        changes = self._changes
        row = await self._pool.fetchrow(self._queries["access_token"], token_hash)
        if row is None:
            raise UnknownToken("this access token is not valid; sign in again")
        owner = msgspec.convert(dict(row), TokenOwner)
        # A session that changed while this was read may be read as it was: then it counts for this request alone.
        if changes == self._changes:
            self._remember(owner)
        return owner

    def _remember(self, owner: TokenOwner) -> None:
        self._owners[owner.token_hash] = owner
        self._hashes.setdefault(owner.user_id, set()).add(owner.token_hash)
        if len(self._owners) > REMEMBERED_LIMIT:
            self._forget_one(self._owners.popitem(last=False)[1])

    def _forget_one(self, owner: TokenOwner) -> None:
        hashes = self._hashes.get(owner.user_id, set())
        hashes.discard(owner.token_hash)
        if not hashes:
            self._hashes.pop(owner.user_id, None)


def hashed(token: str) -> bytes:
    """Return what is kept of a token."""
    return sha256(token.encode("utf-8", "replace")).digest()
