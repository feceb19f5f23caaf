"""Sync tokens: opaque to clients, standing after their position, and sealed so that a delivery can be believed.

`position.from.limit.typing.tag`: where the answer ended and began, its timeline limit, the typing version that it
showed, and 8 bytes of an HMAC over the device, these parts and the leaf at the position. A page token is the bare
position. Where more messages waited for the device than one answer holds, one part more, before the tag, says up
to where they came.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

import msgspec

from myelin.matrix.errors import InvalidParam

TAG_BYTES = 8
DIGITS_LIMIT = 18


class SyncToken(msgspec.Struct, frozen=True, gc=False):
    """A `next_batch` before it is sealed, or after it was parsed. `typing` is `process-count`."""

    position: int
    from_position: int
    limit: int
    typing: str = "0"
    tag: str = ""
    to_device: int | None = None

    @property
    def parts(self) -> str:
        parts = f"{self.position}.{self.from_position}.{self.limit}.{self.typing}"
        return parts if self.to_device is None else f"{parts}.{self.to_device}"

    @property
    def to_device_position(self) -> int:
        """The position up to which messages to the device came."""
        return self.position if self.to_device is None else self.to_device


class TokenSeal:
    """Seals and verifies tokens with the server's secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def seal(self, token: SyncToken, device_number: int, leaf: bytes) -> str:
        """Return the text of a token for one device."""
        return f"{token.parts}.{self._tag(token, device_number, leaf)}"

    def verifies(self, token: SyncToken, device_number: int, leaf: bytes | None) -> bool:
        """Whether this server gave this token to this device, and the log still goes through its position."""
        if leaf is None or not token.tag:
            return False
        return hmac.compare_digest(token.tag, self._tag(token, device_number, leaf))

    def _tag(self, token: SyncToken, device_number: int, leaf: bytes) -> str:
        sealed = f"{device_number}|{token.parts}|".encode() + leaf
        return (
            base64.urlsafe_b64encode(hmac.digest(self._secret, sealed, hashlib.sha256)[:TAG_BYTES]).decode().rstrip("=")
        )


def parse_token(text: str) -> SyncToken:
    """Return a token's parts; `InvalidParam` where it is malformed. A bare position has no tag."""
    parts = text.split(".")
    if len(parts) == 1:
        return SyncToken(parse_position(parts[0]), 0, 0)
    if len(parts) not in (5, 6) or not parts[3].replace("-", "").isalnum():
        raise InvalidParam("this sync token is malformed; start again without one")
    position, from_position, limit = map(parse_position, parts[:3])
    to_device = parse_position(parts[4]) if len(parts) == 6 else None
    return SyncToken(position, from_position, limit, parts[3], parts[-1], to_device)


def parse_position(text: str) -> int:
    """Return a position written in decimal digits; -1, before everything, has a name of its own."""
    if text == "start":
        return -1
    if not text.isascii() or not text.isdigit() or len(text) > DIGITS_LIMIT:
        raise InvalidParam("this token is malformed; start again without one")
    return int(text)


def page_token(position: int) -> str:
    """Return the token that stands after a position."""
    return "start" if position < 0 else str(position)
