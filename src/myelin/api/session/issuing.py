"""Tokens and device ids for new sessions, and how an answer tells them."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Callable

from myelin.actions.sessions import NewSession, Tokens
from myelin.matrix.identifiers import check_device_id, encode_base64url
from myelin.matrix.json import JsonObject

# One shift. A session can be ended at any moment, so a short life adds little; each refresh is an entry of the log.
ACCESS_TOKEN_LIFETIME_MS = 12 * 60 * 60 * 1000
TOKEN_BYTES = 32
DEVICE_ID_BYTES = 10
DISPLAY_NAME_LIMIT = 255


class Issuer:
    """Makes sessions. `random` returns that many random bytes, `clock_ms` the time of day."""

    def __init__(
        self,
        random: Callable[[int], bytes],
        clock_ms: Callable[[], int],
        lifetime_ms: int = ACCESS_TOKEN_LIFETIME_MS,
    ) -> None:
        self._random = random
        self._clock_ms = clock_ms
        self._lifetime_ms = lifetime_ms

    def session(self, device_id: str | None, display_name: str | None, refreshable: bool) -> NewSession:
        """Return a session on the device that the client named, or on a new one."""
        name = check_device_id(device_id) if device_id else b32encode(self._random(DEVICE_ID_BYTES)).decode()
        # Clients make this name themselves: one that is too long is no reason to refuse the person.
        shown = display_name[:DISPLAY_NAME_LIMIT] if display_name is not None else None
        return NewSession(name, shown, self.tokens(refreshable))

    def tokens(self, refreshable: bool) -> Tokens:
        """Return new tokens; access tokens end only where they can be refreshed."""
        if not refreshable:
            return Tokens(self._token("myt"))
        return Tokens(self._token("myt"), self._token("myr"), self._clock_ms() + self._lifetime_ms)

    def localpart(self) -> str:
        """Return a user name for somebody who wants none."""
        return b32encode(self._random(DEVICE_ID_BYTES)).decode().lower()

    def answer(self, tokens: Tokens) -> JsonObject:
        """Return the fields of an answer that hand out tokens."""
        fields: JsonObject = {"access_token": tokens.access_token}
        if tokens.refresh_token is not None:
            fields |= {"refresh_token": tokens.refresh_token, "expires_in_ms": self._lifetime_ms}
        return fields

    def _token(self, prefix: str) -> str:
        return f"{prefix}_{encode_base64url(self._random(TOKEN_BYTES))}"
