"""What is asked of a thumbnail, and what a worker may answer: one number, since it read what a stranger sent."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

import msgspec


class Ask(msgspec.Struct, frozen=True, gc=False):
    """One of the standard thumbnails; without a width the whole picture, as it is."""

    width: int
    height: int
    crops: bool
    animated: bool

    @property
    def name(self) -> str:
        """What tells it from the others of the same picture; part of a path."""
        method = "crop" if self.crops else "scale"
        return f"{method}-{self.width}x{self.height}{'-animated' if self.animated else ''}"


class Verdict(IntEnum):
    """A thumbnail was made; or the original does, being small; or there is none. Exit codes of the worker."""

    MADE_JPEG = 10
    MADE_PNG = 11
    MADE_WEBP = 12
    ORIGINAL_JPEG = 20
    ORIGINAL_PNG = 21
    ORIGINAL_GIF = 22
    ORIGINAL_WEBP = 23
    NO_PICTURE = 30
    TOO_LARGE = 31


MADE: Mapping[Verdict, str] = {
    Verdict.MADE_JPEG: "image/jpeg",
    Verdict.MADE_PNG: "image/png",
    Verdict.MADE_WEBP: "image/webp",
}
ORIGINAL: Mapping[Verdict, str] = {
    Verdict.ORIGINAL_JPEG: "image/jpeg",
    Verdict.ORIGINAL_PNG: "image/png",
    Verdict.ORIGINAL_GIF: "image/gif",
    Verdict.ORIGINAL_WEBP: "image/webp",
}
