"""Which member events a device has had already, so that lazy loading does not send them with every message.

A member event counts as had only when the device has come back with a position at or after that of the answer that
carried it: an answer may be lost. Forgotten with the process or when it grows too large; one that comes again does
no harm.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Set

from myelin.sync.rendering import Viewer

ROOMS_LIMIT = 100_000


class LazyMembers:
    """Remembers members by device and room, least recently used going first."""

    def __init__(self, rooms_limit: int = ROOMS_LIMIT) -> None:
        self._sent: OrderedDict[tuple[str, str, str], dict[str, int]] = OrderedDict()
        self._rooms_limit = rooms_limit

    def known(self, viewer: Viewer, room_id: str, since: int) -> Set[str]:
        """Return whom a device knows in this room that stands at `since`."""
        sent = self._sent.get((viewer.user_id, viewer.device_id, room_id))
        if not sent:
            return frozenset()
        # What was sent after `since` was in an answer that the device never took.
        for user_id in [user_id for user_id, upto in sent.items() if upto > since]:
            del sent[user_id]
        return sent.keys()

    def remember(self, viewer: Viewer, room_id: str, user_ids: Iterable[str], upto: int) -> None:
        """Take note of members that are in the answer that ends at `upto`."""
        key = (viewer.user_id, viewer.device_id, room_id)
        sent = self._sent.setdefault(key, {})
        for user_id in user_ids:
            sent.setdefault(user_id, upto)
        self._sent.move_to_end(key)
        if len(self._sent) > self._rooms_limit:
            self._sent.popitem(last=False)
