"""The server's own keys and secrets, made once and kept in the database that they belong to."""

from __future__ import annotations

from collections.abc import Callable

import asyncpg

from myelin.matrix.identifiers import encode_base64url
from myelin.matrix.signing import SigningKey
from myelin.schema.queries import load_queries

SEED_BYTES = 32
KEY_NAME_BYTES = 4


async def signing_key(pool: asyncpg.Pool, random: Callable[[int], bytes], at: int) -> SigningKey:
    """Return the key that events are signed with, made at the first start."""
    queries = load_queries("myelin.stores")
    name = encode_base64url(random(KEY_NAME_BYTES)).replace("-", "_")
    await pool.execute(queries["add_server_key"], name, random(SEED_BYTES), at)
    row = await pool.fetchrow(queries["server_keys"])
    return SigningKey.from_seed(row["seed"], row["key_id"])


async def secret(pool: asyncpg.Pool, name: str, random: Callable[[int], bytes]) -> bytes:
    """Return a named secret of 32 bytes, made when it is first asked for."""
    queries = load_queries("myelin.stores")
    await pool.execute(queries["add_secret"], name, random(SEED_BYTES))
    value: bytes = await pool.fetchval(queries["secret"], name)
    return value


async def public_keys(connection: asyncpg.Connection) -> dict[str, str]:
    """Return the public halves of all keys that events were ever signed with, by identifier."""
    rows = await connection.fetch(load_queries("myelin.stores")["server_keys"])
    keys = (SigningKey.from_seed(row["seed"], row["key_id"]) for row in rows)
    return {key.key_id: key.public_key for key in keys}
