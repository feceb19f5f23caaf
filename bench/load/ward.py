"""What the loops drive, whatever the protocol: rooms of members who listen, some of whom send."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from bench.load.record import Record

SETTLE_S = 30.0


class Shape(msgspec.Struct, frozen=True):
    """How many rooms, and how many members in each."""

    rooms: int
    members: int


class Spread(msgspec.Struct, frozen=True):
    """In how many rooms people send, and how many in each."""

    rooms: int = 16
    senders: int = 1


ONE_IN_EACH = Spread()


class Refused(Exception):
    """The server did not accept a message."""


class Sender(Protocol):
    """A member who sends."""

    async def send(self, number: int) -> None:
        """Return when the server has accepted the message, or raise `Refused`."""


class Ward(Protocol):
    """Rooms of listening members, ready to be sent to."""

    record: Record

    def senders(self, spread: Spread) -> list[Sender]:
        """The rooms in turn, so that a load at a rate spreads over them."""

    def broken(self) -> BaseException | None:
        """What ended a member's listening, if anything did."""

    async def close(self) -> None: ...


async def settle(ward: Ward) -> None:
    """Return when every seat saw all that was accepted, or after half a minute: then the record shows the loss.

    Raises what ended a member's listening.
    """
    end_s = time.monotonic() + SETTLE_S
    while not ward.record.settled() and time.monotonic() < end_s:
        if (error := ward.broken()) is not None:
            raise error
        await asyncio.sleep(0.05)
