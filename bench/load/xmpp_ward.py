"""Group chat rooms of XMPP members (XEP-0045) whose server archives every message (XEP-0313)."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING

from bench.load.bodies import DIGITS, Messages
from bench.load.record import Record
from bench.load.ward import Refused
from bench.load.xmpp import Stream, sign_up

if TYPE_CHECKING:
    from bench.assignment import Target
    from bench.load.record import Seat
    from bench.load.ward import Sender, Shape, Spread

PATIENCE_S = 30
NUMBER = re.compile(rb"<body>(\d{%d})" % DIGITS)
ARCHIVED = re.compile(rb"<stanza-id [^>]*?\bid='([^']+)'")
BODIES = Messages(600, b"", b"")


class Occupant:
    """One member of one group chat room; his message counts as accepted when the archived copy comes back to him."""

    def __init__(self, stream: Stream, room: str, nick: str, seat: Seat, record: Record) -> None:
        self._stream = stream
        self._seat = seat
        self._record = record
        self._before = f"<message to='{room}' type='groupchat'><body>".encode()
        self._mine = f"from='{room}/{nick}'".encode()
        self._under_way: dict[int, asyncio.Future[None]] = {}

    def listen(self) -> None:
        self._stream.reader = self._saw

    async def send(self, number: int) -> None:
        accepted = self._under_way[number] = asyncio.get_running_loop().create_future()
        self._stream.write(self._before + BODIES.body(number) + b"</body></message>")
        try:
            async with asyncio.timeout(PATIENCE_S):
                await accepted
        except TimeoutError:
            raise Refused(number) from None

    def _saw(self, stanza: bytes) -> None:
        numbered, archived = NUMBER.search(stanza), ARCHIVED.search(stanza)
        if numbered is None or archived is None:
            return
        number, identity, own = int(numbered.group(1)), archived.group(1).decode(), self._mine in stanza
        self._record.deliver(self._seat, identity, number, time.monotonic(), own=own)
        if own:
            self._record.accept(self._seat.room, identity)
            self._under_way.pop(number).set_result(None)

    def close(self) -> None:
        self._stream.close()


class XmppWard:
    """Rooms of occupants, each room with its own users."""

    def __init__(self, shape: Shape, target: Target) -> None:
        self.record = Record()
        self._shape = shape
        self._target = target
        self._rooms: list[list[Occupant]] = []

    async def open(self) -> None:
        for room in range(self._shape.rooms):
            self._rooms.append([await self._enter(room, place) for place in range(self._shape.members)])
        for occupant in self._occupants():
            occupant.listen()

    async def _enter(self, room: int, place: int) -> Occupant:
        target, nick = self._target, f"member-{place}"
        stream = await sign_up(target.host, target.port, target.domain, f"room-{room}-{place}")
        address = f"room-{room}@conference.{target.domain}"
        stream.write(
            f"<presence to='{address}/{nick}'><x xmlns='http://jabber.org/protocol/muc'>"
            "<history maxstanzas='0'/></x></presence>".encode()
        )
        await stream.expect(rb"<status code='110'/>.*?</presence>.*?<subject")
        return Occupant(stream, address, nick, self.record.seat(room), self.record)

    def _occupants(self) -> list[Occupant]:
        return [occupant for room in self._rooms for occupant in room]

    def senders(self, spread: Spread) -> list[Sender]:
        return [room[place] for place in range(spread.senders) for room in self._rooms[: spread.rooms]]

    def broken(self) -> BaseException | None:
        """Nothing: a lost stream shows as lost messages."""
        return None

    async def close(self) -> None:
        for occupant in self._occupants():
            occupant.close()
