"""Codes with which people set their first password; only hashes are kept, written beside the entry that says so."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Sequence
from hashlib import sha256

import asyncpg

from myelin.schema.queries import load_queries

# Crockford's digits: nobody mixes up letters and digits that look alike.
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_DIGITS = 12
GROUP_DIGITS = 4
READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


class ActivationCodes:
    """Reads codes. `clock_ms` is passed in, for they expire."""

    def __init__(self, pool: asyncpg.Pool, clock_ms: Callable[[], int]) -> None:
        self._pool = pool
        self._clock_ms = clock_ms
        self._queries = load_queries("myelin.stores", "activation.sql")

    async def issued_position(self, user_id: str, code: str) -> int | None:
        """Return where a person's code was issued, None where this is not it, or no longer."""
        row = await self._pool.fetchrow(self._queries["activation_code"], user_id)
        # Compared whether there is one or not, so that both take the same time.
        expected = row["code_hash"] if row is not None else bytes(32)
        is_right = hmac.compare_digest(expected, code_hash(code))
        if row is None or not is_right or row["expires_at"] < self._clock_ms():
            return None
        position: int = row["position"]
        return position

    async def without_password(self, user_ids: Collection[str]) -> Sequence[str]:
        """Return those of these people who have never set a password."""
        rows = await self._pool.fetch(self._queries["without_password"], list(user_ids))
        return [row["user_id"] for row in rows]


def new_code(random: Callable[[int], bytes]) -> str:
    """Return a code as it is printed: three groups of four digits."""
    digits = "".join(DIGITS[byte % len(DIGITS)] for byte in random(CODE_DIGITS))
    return "-".join(digits[at : at + GROUP_DIGITS] for at in range(0, CODE_DIGITS, GROUP_DIGITS))


def code_hash(code: str) -> bytes:
    """Return the hash of a code as people may type it."""
    return sha256(code.upper().translate(READ_AS).encode()).digest()
