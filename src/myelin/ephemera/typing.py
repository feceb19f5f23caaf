"""Who is typing in which room: in memory, for some seconds, told to other processes by short signals.

Each change in this process gets the next count; a version is this process's start id and a count, so a reader
says what they have seen and is told the rooms that changed since. What another process counted is unknown here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

TIMEOUT_DEFAULT_MS = 30_000
TIMEOUT_LIMIT_MS = 120_000
ROOMS_LIMIT = 10_000
SIGNAL_WAIT_S = 0.1
# NOTIFY carries less than 8,000 bytes.
SIGNAL_LIMIT_BYTES = 7_500


class Timer(Protocol):
    """What `later` returns."""

    def cancel(self) -> None: ...


Later = Callable[[float, Callable[[], None]], Timer]


class Change(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Somebody types for so many ms from now on; 0 says that they stopped."""

    room_id: str
    user_id: str
    timeout_ms: int


class TypingRoom(msgspec.Struct):
    """Who is typing in a room, each with the timer that ends it, and the count of the room's last change."""

    timers: dict[str, Timer]
    count: int = 0


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[Change, ...]).decode


class Typing:
    """The typing notifications of this process and, by their signals, of the others.

    `later` calls back after some seconds, `changed` is told of each room whose list changed, `signal` gives a
    payload to the other processes.
    """

    def __init__(
        self, process_id: str, later: Later, changed: Callable[[str], None], signal: Callable[[str], None]
    ) -> None:
        self._process_id = process_id
        self._later = later
        self._changed = changed
        self._signal = signal
        self._count = 0
        self._rooms: OrderedDict[str, TypingRoom] = OrderedDict()
        self._to_signal: dict[tuple[str, str], Change] = {}

    @property
    def count(self) -> int:
        """How many changes this process has seen."""
        return self._count

    @property
    def version(self) -> str:
        """What a reader who has seen everything up to now brings along next time."""
        return f"{self._process_id}-{self._count}"

    def seen(self, version: str) -> int:
        """Return the count that a version stands for, -1 where this process did not give it."""
        process_id, _, count = version.rpartition("-")
        return int(count) if process_id == self._process_id and count.isdecimal() else -1

    def rooms_after(self, count: int) -> Iterable[str]:
        """Yield the rooms that changed after a count, latest first."""
        for room_id, room in reversed(self._rooms.items()):
            if room.count <= count:
                return
            yield room_id

    def users(self, room_id: str) -> list[str]:
        """Return who is typing in a room."""
        room = self._rooms.get(room_id)
        return list(room.timers) if room is not None else []

    def set(self, room_id: str, user_id: str, timeout_ms: int) -> None:
        """Take note that somebody types for so long, or (0) no longer, and tell the other processes soon."""
        change = Change(room_id, user_id, min(timeout_ms, TIMEOUT_LIMIT_MS))
        self._apply(change)
        if not self._to_signal:
            self._later(SIGNAL_WAIT_S, self._send_signals)
        self._to_signal[room_id, user_id] = change

    def received(self, payload: str) -> None:
        """Take in what another process signals."""
        for change in _decode(payload):
            self._apply(change)

    def _apply(self, change: Change) -> None:
        room = self._rooms.get(change.room_id)
        if room is None:
            if change.timeout_ms <= 0:
                return
            room = self._room(change.room_id)
        timer = room.timers.get(change.user_id)
        if timer is not None:
            timer.cancel()
        if change.timeout_ms > 0:
            room.timers[change.user_id] = self._later(
                change.timeout_ms / 1000, lambda: self._stop(change.room_id, change.user_id)
            )
            if timer is None:
                self._touch(change.room_id, room)
        elif timer is not None:
            self._stop(change.room_id, change.user_id)

    def _room(self, room_id: str) -> TypingRoom:
        room = self._rooms[room_id] = TypingRoom({})
        if len(self._rooms) > ROOMS_LIMIT:
            _, oldest = self._rooms.popitem(last=False)
            for timer in oldest.timers.values():
                timer.cancel()
        return room

    def _stop(self, room_id: str, user_id: str) -> None:
        room = self._rooms.get(room_id)
        if room is not None and room.timers.pop(user_id, None) is not None:
            self._touch(room_id, room)

    def _touch(self, room_id: str, room: TypingRoom) -> None:
        self._count += 1
        room.count = self._count
        self._rooms.move_to_end(room_id)
        self._changed(room_id)

    def _send_signals(self) -> None:
        changes, self._to_signal = list(self._to_signal.values()), {}
        while changes:
            taken = as_many_as_fit(changes)
            self._signal(_encode(changes[:taken]).decode())
            del changes[:taken]


def as_many_as_fit(changes: list[Change]) -> int:
    """Return how many changes go into one signal, at least one."""
    size_bytes = 2
    for index, change in enumerate(changes):
        size_bytes += len(_encode(change)) + 1
        if size_bytes > SIGNAL_LIMIT_BYTES and index > 0:
            return index
    return len(changes)
