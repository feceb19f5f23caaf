"""MLLP frames: 0x0B, the message, 0x1C, CR. None of these bytes occurs inside text in any charset that we speak.

Forgives what real systems do: junk before the start, no CR after the end, several messages in one piece, one byte at a
time, a message begun anew after a connection's hiccup, empty frames as signs of life.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

START = b"\x0b"
END = b"\x1c"
BEGINNING_BYTES = 8 * 1024
# A vertical tab that a word processor left in a text is no start; one before a header is.
RESTART = re.compile(rb"\x0b(?=(?:\xef\xbb\xbf)?(?:MSH|BHS|FHS))")


class FrameTooLarge(Exception):
    """A frame grew over the limit before it ended; `beginning` is enough of it to say no."""

    def __init__(self, beginning: bytes) -> None:
        super().__init__("a frame is larger than the limit")
        self.beginning = beginning


def framed(payload: bytes) -> bytes:
    """Return a message as it travels."""
    return START + payload + END + b"\r"


class Frames:
    """What has come over one connection, as messages; holds no more than one unfinished frame."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._held = bytearray()
        self._searched = 0
        self.junk_bytes = 0
        self.abandoned = 0

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Yield the messages that this piece completes; raises FrameTooLarge."""
        self._held += piece
        while (payload := self._next()) is not None:
            if payload:
                yield payload
        if len(self._held) > self._limit_bytes + len(START):
            beginning = bytes(self._held[1:BEGINNING_BYTES])
            self._held.clear()
            raise FrameTooLarge(beginning)

    @property
    def is_inside(self) -> bool:
        """Whether a message has begun that has not ended."""
        return self._held.startswith(START)

    def _next(self) -> bytes | None:
        self._skip_junk()
        end = self._held.find(END, self._searched)
        if end < 0:
            self._searched = len(self._held)
            return None
        payload = bytes(self._held[1:end])
        del self._held[: end + 1]
        self._searched = 0
        return self._latest(payload)

    def _skip_junk(self) -> None:
        if self._held.startswith(START):
            return
        start = self._held.find(START)
        junk = self._held[: start if start >= 0 else len(self._held)]
        self.junk_bytes += len(junk.strip(b"\r\n"))
        del self._held[: len(junk)]
        self._searched = 0

    def _latest(self, payload: bytes) -> bytes:
        """Return what follows the last start: what came before it was never finished, so its sender tries again."""
        starts = [found.end() for found in RESTART.finditer(payload)]
        self.abandoned += len(starts)
        return payload[starts[-1] :] if starts else payload
