"""Who wrote a webhook's body, and when: HMAC-SHA256 over timestamp and body."""

from __future__ import annotations

import hashlib
import hmac
import re
from enum import StrEnum

WINDOW_MS = 5 * 60 * 1000
SECONDS = re.compile(r"\d{9,11}", re.ASCII)
PREFIX = "sha256="


class Refusal(StrEnum):
    """Why a body is not taken; the value is what metrics and the answer call it."""

    NO_SECRET = "no_secret"
    BAD_TIMESTAMP = "bad_timestamp"
    OUTSIDE_WINDOW = "outside_window"
    WRONG_SIGNATURE = "wrong_signature"


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """Return the signature of a body at a time, in seconds since the epoch as it is sent."""
    return PREFIX + hmac.digest(secret, timestamp.encode() + b"." + body, hashlib.sha256).hex()


def refusal_of(secret: bytes, timestamp: str, signed: str, body: bytes, now_ms: int) -> Refusal | None:
    """Return why a body is refused; None if who has the secret signed it within 5 minutes of now.

    The same body may come again in the window; its idempotency key tells.
    """
    if not secret:
        return Refusal.NO_SECRET
    if not SECONDS.fullmatch(timestamp):
        return Refusal.BAD_TIMESTAMP
    # The signature first: whoever does not have the secret learns nothing of our clock.
    expected = signature(secret, timestamp, body).encode()
    if not hmac.compare_digest(expected, signed.strip().lower().encode("utf-8", "replace")):
        return Refusal.WRONG_SIGNATURE
    if abs(now_ms - int(timestamp) * 1000) > WINDOW_MS:
        return Refusal.OUTSIDE_WINDOW
    return None
