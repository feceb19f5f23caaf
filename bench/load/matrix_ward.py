"""Rooms of Matrix members who all wait in `/sync`, as clients do, and check what they get."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from bench.load.answers import PAGE, SYNC
from bench.load.bodies import number_of
from bench.load.http import Channel
from bench.load.matrix import each, succeeded
from bench.load.record import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.load.answers import Event, JoinedRoom
    from bench.load.matrix import Homeserver, User
    from bench.load.record import Seat
    from bench.load.ward import Sender, Shape, Spread

LONG_POLL_MS = 30_000
SAFE = "._~-"


class Reader(Protocol):
    """Told of every message that a member sees."""

    def saw(self, member: Member, event_id: str, number: int) -> None: ...


class Member:
    """One user in one room, with a second connection that waits in `/sync`."""

    def __init__(self, user: User, place: int, room_id: str, seat: Seat, ward: MatrixWard) -> None:
        self.user = user
        self.place = place
        self.room_id = room_id
        self._seat = seat
        self._ward = ward
        self._pen = user.pen(room_id)
        self._waiting = Channel(user.address)
        self._since = ""

    async def send(self, number: int) -> None:
        self._ward.record.accept(self._seat.room, await self._pen.write(number))

    async def begin(self) -> None:
        """An initial sync, so that `follow` starts at what comes next."""
        answer = succeeded(await self._waiting.request(self.user.request("GET", "/sync?timeout=0")))
        self._since = SYNC.decode(answer.body).next_batch

    async def follow(self) -> None:
        while True:
            path = f"/sync?timeout={LONG_POLL_MS}&since={quote(self._since, safe=SAFE)}"
            answer = await self._waiting.request(self.user.request("GET", path))
            now_s = time.monotonic()
            sync = SYNC.decode(succeeded(answer).body)
            self._since = sync.next_batch
            if (room := sync.rooms.join.get(self.room_id)) is not None:
                await self._read(room, now_s)

    async def _read(self, room: JoinedRoom, now_s: float) -> None:
        if room.timeline.limited:
            self._take(await self._gap(room.timeline.prev_batch), time.monotonic())
        self._take(room.timeline.events, now_s)

    def _take(self, events: Sequence[Event], now_s: float) -> None:
        deliver, me = self._ward.record.deliver, self.user.user_id
        for event in events:
            if number := number_of(event.content.ciphertext):
                deliver(self._seat, event.event_id, number, now_s, own=event.sender == me)
                if self._ward.reader is not None and event.sender != me:
                    self._ward.reader.saw(self, event.event_id, number)

    async def _gap(self, prev_batch: str) -> list[Event]:
        """What a limited timeline left out, oldest first: pages backwards to what was seen before."""
        missed: list[Event] = []
        seen = set(self._seat.seen[-500:])
        while prev_batch:
            path = f"/rooms/{quote(self.room_id)}/messages?dir=b&limit=100&from={quote(prev_batch, safe=SAFE)}"
            page = PAGE.decode((await self.user.get(path)).body)
            for event in page.chunk:
                if event.event_id in seen or not self._is_of_this_window(event):
                    return missed[::-1]
                missed.append(event)
            prev_batch = page.end
        return missed[::-1]

    def _is_of_this_window(self, event: Event) -> bool:
        return number_of(event.content.ciphertext) in self._ward.record.due_s

    def close(self) -> None:
        self._waiting.close()
        self.user.channel.close()


class MatrixWard:
    """Rooms of members, each room with its own users."""

    def __init__(self, shape: Shape) -> None:
        self.record = Record()
        self.reader: Reader | None = None
        self.rooms: list[list[Member]] = []
        self._shape = shape
        self._following: list[asyncio.Task[None]] = []

    async def open(self, homeserver: Homeserver) -> None:
        users = await homeserver.register_many(self._shape.rooms * self._shape.members)
        groups = [users[start : start + self._shape.members] for start in range(0, len(users), self._shape.members)]
        self.rooms = await each(list(enumerate(groups)), lambda group: self._open_room(*group))
        await each(self._members(), lambda member: member.begin())
        self._following = [asyncio.create_task(member.follow()) for member in self._members()]

    async def _open_room(self, number: int, users: list[User]) -> list[Member]:
        room_id = await users[0].create_room([user.user_id for user in users[1:]])
        for user in users[1:]:
            await user.join(room_id)
        return [Member(user, place, room_id, self.record.seat(number), self) for place, user in enumerate(users)]

    def _members(self) -> list[Member]:
        return [member for room in self.rooms for member in room]

    def senders(self, spread: Spread) -> list[Sender]:
        return [room[place] for place in range(spread.senders) for room in self.rooms[: spread.rooms]]

    def broken(self) -> BaseException | None:
        return next((task.exception() for task in self._following if task.done() and not task.cancelled()), None)

    async def close(self) -> None:
        for task in self._following:
            task.cancel()
        await asyncio.gather(*self._following, return_exceptions=True)
        for member in self._members():
            member.close()
