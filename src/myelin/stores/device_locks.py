"""Locks of devices: the server's half of the key that a PIN opens, given out for the PIN and for nothing else.

Tries are counted here and at once, beside the log: a refusal writes no entry, and must still count.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

import asyncpg
import msgspec

from myelin.schema.queries import load_queries
from myelin.stores.tokens import hashed

TRIES_LIMIT = 5
# Tells a token of a lock from an access token, so that neither is looked up as the other.
TOKEN_PREFIX = "myk_"


class LockOwner(msgspec.Struct, frozen=True):
    """The device that a lock belongs to."""

    user_id: str
    device_id: str


class Opened(msgspec.Struct, frozen=True):
    """What trying a PIN comes to: the server's half where it was right, and how many tries are left where not."""

    half: bytes | None
    tries_left: int


class DeviceLocks:
    """Reads locks and counts tries; setting and removing them goes through the log (`log.write_device_locks`)."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.stores", "device_locks.sql")

    async def owner(self, token: str) -> LockOwner | None:
        """Return whose device asks with this token, None where it is no lock's."""
        if not token.startswith(TOKEN_PREFIX):
            return None
        row = await self._pool.fetchrow(self._queries["lock_of_token"], hashed(token))
        return LockOwner(row["user_id"], row["device_id"]) if row is not None else None

    async def open(self, token: str, proof: bytes) -> Opened:
        """Return the half for a right proof; the fifth wrong one in a row destroys it."""
        token_hash = hashed(token)
        row = await self._pool.fetchrow(self._queries["count_try"], token_hash, TRIES_LIMIT)
        if row is None:
            return Opened(None, 0)
        if hmac.compare_digest(row["proof_hash"], proof_hash(proof)):
            await self._pool.execute(self._queries["forget_tries"], token_hash, row["proof_hash"])
            return Opened(row["half"], TRIES_LIMIT)
        # A crash before this leaves a half that no try reaches any more.
        await self._pool.execute(self._queries["destroy_half"], token_hash, TRIES_LIMIT)
        return Opened(None, TRIES_LIMIT - row["tries"])


def proof_hash(proof: bytes) -> bytes:
    """Return what is kept of a proof."""
    return sha256(proof).digest()
