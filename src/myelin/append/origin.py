"""The server in whose name events are built: its name, its key, its source of random bytes."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from myelin.matrix.signing import SigningKey


class Origin(msgspec.Struct, frozen=True):
    """What building an event needs beside the room. `random` returns that many random bytes."""

    server_name: str
    key: SigningKey
    random: Callable[[int], bytes]
