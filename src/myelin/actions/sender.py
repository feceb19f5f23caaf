"""Who acts: the person and the device that an entry will name."""

from __future__ import annotations

import msgspec


class Sender(msgspec.Struct, frozen=True, gc=False):
    """A person on a device."""

    user_id: str
    device_id: str
