"""Codes with which people set their first password; only hashes are kept, written beside the entry that says so."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Sequence
from hashlib import sha256

import asyncpg
import msgspec

from myelin.schema.queries import load_queries

# Crockford's digits: nobody mixes up letters and digits that look alike.
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_DIGITS = 12
GROUP_DIGITS = 4
READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


class CodeCheck(msgspec.Struct, frozen=True):
    """What comparing a code comes to: where it was issued, None where it is not theirs, and if there is anybody."""

    position: int | None
    is_expired: bool
    is_known: bool


class ActivationCodes:
    """Reads codes. `clock_ms` is passed in, for they expire."""

    def __init__(self, pool: asyncpg.Pool, clock_ms: Callable[[], int]) -> None:
        self._pool = pool
        self._clock_ms = clock_ms
        self._queries = load_queries("myelin.stores", "activation.sql")

    async def check(self, user_id: str, code: str) -> CodeCheck:
        """Return what comparing this code with a person's comes to."""
        row = await self._pool.fetchrow(self._queries["activation_code"], user_id)
        stored = row["code_hash"] if row is not None else None
        # Compared whether there is one or not, so that both take the same time.
        is_right = hmac.compare_digest(stored or bytes(32), code_hash(code))
        if row is None or stored is None or not is_right:
            return CodeCheck(None, is_expired=False, is_known=row is not None)
        return CodeCheck(row["position"], row["expires_at"] < self._clock_ms(), is_known=True)

    async def without_password(self, user_ids: Collection[str]) -> Sequence[str]:
        """Return those of these people who have never set a password."""
        rows = await self._pool.fetch(self._queries["without_password"], list(user_ids))
        return [row["user_id"] for row in rows]

    async def in_need(self, user_ids: Collection[str]) -> Sequence[str]:
        """Return those of these people who have neither a password nor a code that still counts."""
        rows = await self._pool.fetch(self._queries["in_need_of_code"], list(user_ids), self._clock_ms())
        return [row["user_id"] for row in rows]


def new_code(random: Callable[[int], bytes]) -> str:
    """Return a code as it is printed: three groups of four digits."""
    digits = "".join(DIGITS[byte % len(DIGITS)] for byte in random(CODE_DIGITS))
    return "-".join(digits[at : at + GROUP_DIGITS] for at in range(0, CODE_DIGITS, GROUP_DIGITS))


def code_hash(code: str) -> bytes:
    """Return the hash of a code as people may type it."""
    return sha256(code.upper().translate(READ_AS).encode()).digest()
