"""The `rooms` section: joined rooms here; invites, knocks and rooms that were left beside them."""

from __future__ import annotations

from myelin.sync.joined_rooms import JoinedRooms
from myelin.sync.reading import Reading
from myelin.sync.section import SectionFields


class Rooms:
    """Reads `rooms`."""

    def __init__(self, joined: JoinedRooms) -> None:
        self._joined = joined

    async def read(self, reading: Reading) -> SectionFields:
        """Return `rooms`, empty where nothing happened."""
        join = await self._joined.read(reading, ())
        if not join:
            return SectionFields({"rooms": {}})
        return SectionFields({"rooms": {"join": join}}, is_news=True)
