"""Rooms that the viewer has left or was banned from: told once, with what happened up to then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from myelin.matrix.json import JsonObject
from myelin.rules.visibility import MembershipInterval, membership_after
from myelin.state.user import UserRoom
from myelin.sync.account_data import RoomAccountData
from myelin.sync.history_facts import HistoryFacts
from myelin.sync.reading import Reading, RoomReading
from myelin.sync.room_parts import fragments, timeline_fields
from myelin.sync.state import States
from myelin.sync.timeline import Timelines

LEFT = ("leave", "ban")


class LeftRooms:
    """Builds `rooms.leave`."""

    def __init__(
        self, timelines: Timelines, states: States, facts: HistoryFacts, account_data: RoomAccountData
    ) -> None:
        self._timelines = timelines
        self._states = states
        self._facts = facts
        self._account_data = account_data

    async def read(self, reading: Reading) -> Mapping[str, JsonObject]:
        """Return the rooms that were left within the reading; in an initial sync those left ever, where asked for."""
        left = {
            name: room
            for name, room in reading.user.rooms.items()
            if room.membership in LEFT and is_told(reading, room) and reading.filter.room.passes_room(name)
        }
        if not left:
            return {}
        intervals = await self._facts.memberships(reading.user.user_id, list(left))
        rooms = [left_reading(reading, name, room, intervals.get(name, ())) for name, room in left.items()]
        timelines = await self._timelines.read(reading, rooms)
        # Who was never in the room is told that the door is shut, and nothing of the room.
        told = [room for room in rooms if was_inside(room) or reading.request.state_after is not None]
        states = await self._states.read(reading, told, timelines, {})
        remembered = [name for name, room in left.items() if not room.forgotten]
        account_data = await self._account_data.whole(reading, remembered)
        return {
            room.room_id: left_room(
                reading,
                timeline_fields(reading, timelines[room.room_id]),
                states.get(room.room_id, ()),
                account_data.get(room.room_id, ()),
            )
            for room in rooms
        }


def is_told(reading: Reading, room: UserRoom) -> bool:
    """Whether an answer mentions a room that was left."""
    if reading.initial:
        return reading.filter.room.include_leave and not room.forgotten
    # A room that was left and forgotten since: another device may still believe to be in it.
    return room.position > reading.since


def left_reading(
    reading: Reading, room_id: str, room: UserRoom, intervals: Sequence[MembershipInterval]
) -> RoomReading:
    """Return what is read of a room: from where the client stood, or just how the viewer left."""
    ends = [each.to_position or 0 for each in intervals if each.membership == "join"]
    last_end = max(ends, default=-1)
    if last_end <= reading.since or room.forgotten:
        return RoomReading(room_id, since=room.position - 1, upto=room.position, whole=False, left=True)
    knew_it = not reading.initial and membership_after(reading.since, intervals) == "join"
    # A ban after the leave is not told: the client already hears that the viewer is outside.
    return RoomReading(room_id, since=reading.since, upto=last_end, whole=not knew_it, left=True)


def was_inside(room: RoomReading) -> bool:
    """Whether the reading spans more than how the viewer left."""
    return room.whole or room.since < room.upto - 1


def left_room(
    reading: Reading,
    timeline: Mapping[str, object],
    state: Sequence[bytes],
    account_data: Sequence[JsonObject],
) -> JsonObject:
    """Return one room of `rooms.leave`."""
    fields: dict[str, object] = {
        "timeline": timeline,
        reading.request.state_after or "state": {"events": fragments(reading, state)},
        "account_data": {"events": account_data},
    }
    return fields  # type: ignore[return-value]
