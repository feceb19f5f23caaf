"""Whose access token this is: looked up by hash, remembered until the log says that the session changed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
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
    kinds.SignedOut,
    kinds.DeviceRemoved,
    kinds.AccountDeactivated,
)


class TokenOwner(msgspec.Struct, frozen=True, gc=False):
    """The owner of an access token; `expires_at` in ms, None for one without end."""

    user_id: str
    device_id: str
    expires_at: int | None = None


class AccessTokens:
    """Checks access tokens. Only hashes are kept, in the database and here."""

    def __init__(self, pool: asyncpg.Pool, clock_ms: Callable[[], int]) -> None:
        self._pool = pool
        self._clock_ms = clock_ms
        self._queries = load_queries("myelin.stores")
        self._owners: OrderedDict[bytes, TokenOwner] = OrderedDict()

    async def owner(self, token: str) -> TokenOwner:
        """Return the owner; `UnknownToken` where there is none, soft where the token has only expired."""
        token_hash = sha256(token.encode()).digest()
        owner = self._owners.get(token_hash) or await self._look_up(token_hash)
        if owner.expires_at is not None and owner.expires_at <= self._clock_ms():
            raise UnknownToken("this access token has expired; refresh it", soft_logout=True)
        return owner

    def published(self, entries: Sequence[Entry]) -> None:
        """Forget the tokens of sessions that changed."""
        changed = {entry.sender for entry in entries if isinstance(entry.facts, SESSION_KINDS)}
        if changed:
            self._forget(changed)

    async def _look_up(self, token_hash: bytes) -> TokenOwner:
        row = await self._pool.fetchrow(self._queries["access_token"], token_hash)
        if row is None:
            raise UnknownToken("this access token is not valid; sign in again")
        owner = TokenOwner(row["user_id"], row["device_id"], row["expires_at"])
        self._owners[token_hash] = owner
        if len(self._owners) > REMEMBERED_LIMIT:
            self._owners.popitem(last=False)
        return owner

    def _forget(self, user_ids: Iterable[str | None]) -> None:
        gone = set(user_ids)
        for token_hash in [name for name, owner in self._owners.items() if owner.user_id in gone]:
            del self._owners[token_hash]
