"""Tokens that sign somebody in once (client-server API, "Token-based login"), kept as hashes in memory.

They end with the server. Nobody asks for one over the network: where nothing in the server makes any, that way of
signing in does not exist.
"""

from __future__ import annotations

from collections.abc import Callable

from myelin.matrix.errors import Forbidden
from myelin.matrix.identifiers import encode_base64url
from myelin.stores.tokens import hashed

TOKEN_BYTES = 32
REFUSAL = "this link was used already, or has expired; sign in with your password"


class LoginTokens:
    """Issues and redeems. `random` returns that many random bytes, `clock_ms` the time of day."""

    def __init__(self, random: Callable[[int], bytes], clock_ms: Callable[[], int]) -> None:
        self._random = random
        self._clock_ms = clock_ms
        self._owners: dict[bytes, tuple[str, int]] = {}
        self.are_issued = False

    def issue(self, user_id: str, lifetime_ms: int) -> str:
        """Return a token in clear, which is kept nowhere."""
        self.are_issued = True
        token = encode_base64url(self._random(TOKEN_BYTES))
        self._owners[hashed(token)] = (user_id, self._clock_ms() + lifetime_ms)
        return token

    def redeem(self, token: str) -> str:
        """Return whom a token signs in, and let it count no more; `Forbidden` where it does not count."""
        user_id, expires_at = self._owners.pop(hashed(token), ("", 0))
        if expires_at <= self._clock_ms():
            raise Forbidden(REFUSAL)
        return user_id
