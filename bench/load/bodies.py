"""Messages of 600 bytes that look encrypted, each with its number in front of the ciphertext."""

from __future__ import annotations

import base64
import random

DIGITS = 10


class Messages:
    """Bodies of one size whose text differs, as ciphertext does, so that nothing compresses or deduplicates them."""

    def __init__(self, size: int, start: bytes, end: bytes, kinds: int = 64) -> None:
        self.bytes = size
        self._start = start
        filler_bytes = size - len(start) - DIGITS - len(end)
        source = random.Random(600)
        self._tails = [filler(source, filler_bytes) + end for _ in range(kinds)]

    def body(self, number: int) -> bytes:
        return b"%b%010d%b" % (self._start, number, self._tails[number % len(self._tails)])


def filler(source: random.Random, length: int) -> bytes:
    return base64.b64encode(source.randbytes(length))[:length]


def number_of(text: str) -> int:
    """The number in front of a message's text, 0 if it is not one of ours."""
    return int(text[:DIGITS]) if text else 0


MESSAGES = Messages(
    600,
    b'{"algorithm":"m.megolm.v1.aes-sha2","ciphertext":"',
    b'","device_id":"BENCHMARKS","sender_key":"%b","session_id":"%b"}'
    % (filler(random.Random(1), 43), filler(random.Random(2), 43)),
)
