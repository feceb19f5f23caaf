"""The `rooms` section: rooms that were joined, rooms at whose door the viewer stands, rooms that they left."""

from __future__ import annotations

from collections.abc import Mapping

from myelin.sync.joined_rooms import JoinedRooms
from myelin.sync.left_rooms import LeftRooms
from myelin.sync.reading import Reading
from myelin.sync.section import SectionFields
from myelin.sync.stripped_rooms import StrippedRooms


class Rooms:
    """Reads `rooms`."""

    def __init__(self, joined: JoinedRooms, stripped: StrippedRooms, left: LeftRooms) -> None:
        self._joined = joined
        self._stripped = stripped
        self._left = left

    async def read(self, reading: Reading) -> SectionFields:
        """Return `rooms`, empty where nothing happened."""
        join = await self._joined.read(reading)
        rooms: dict[str, Mapping[str, object]] = {"join": join.rooms}
        # Most answers carry a message and no change of membership.
        if reading.initial or reading.user.rooms_position > reading.since:
            rooms["invite"] = await self._stripped.read(reading, "invite")
            rooms["knock"] = await self._stripped.read(reading, "knock")
            rooms["leave"] = await self._left.read(reading)
        shown = {name: section for name, section in rooms.items() if section}
        return SectionFields({"rooms": shown}, is_news=join.is_news or any(name != "join" for name in shown))
