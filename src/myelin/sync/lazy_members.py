"""Which member events a device has had already, so that lazy loading does not send them with every message.

Forgotten with the process or when it grows too large; a member event that comes again does no harm.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from myelin.sync.rendering import Viewer

ROOMS_LIMIT = 100_000


class LazyMembers:
    """Remembers members by device and room, least recently used going first."""

    def __init__(self, rooms_limit: int = ROOMS_LIMIT) -> None:
        self._known: OrderedDict[tuple[str, str, str], set[str]] = OrderedDict()
        self._rooms_limit = rooms_limit

    def known(self, viewer: Viewer, room_id: str) -> set[str]:
        """Return whom this device knows in this room."""
        return self._known.get((viewer.user_id, viewer.device_id, room_id), set())

    def remember(self, viewer: Viewer, room_id: str, user_ids: Iterable[str]) -> None:
        """Take note of members that are sent now."""
        key = (viewer.user_id, viewer.device_id, room_id)
        self._known.setdefault(key, set()).update(user_ids)
        self._known.move_to_end(key)
        if len(self._known) > self._rooms_limit:
            self._known.popitem(last=False)

    def forget(self, viewer: Viewer) -> None:
        """Forget a device that begins anew."""
        for key in [key for key in self._known if key[:2] == (viewer.user_id, viewer.device_id)]:
            del self._known[key]
