"""A room alias as the log left it."""

from __future__ import annotations

import msgspec


class Alias(msgspec.Struct, frozen=True, gc=False):
    """Where an alias leads, and who set it."""

    room_id: str
    creator: str
