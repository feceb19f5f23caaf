"""A listener of ours with a store of the test's behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from myelin_gateway.channels.mllp import Notice, listening
from myelin_gateway.channels.mllp_partners import Listener, Partner
from myelin_gateway.hl7v2 import Acknowledgement, Answers, Charset, Stamp, acknowledged, received

TIMEOUT_S = 20
LIS = Partner("lis", Charset.UTF_8, Answers(nak="strict", types=frozenset({"ORU^R01", "ADT^A01"})))


def loopback(partner: Partner = LIS) -> Listener:
    return Listener("127.0.0.1", 0, (partner,))


def oru(control_id: str = "M1", rest: str = "") -> bytes:
    header = f"MSH|^~\\&|LIS|检验科|IM|医院|20261123080000||ORU^R01^ORU_R01|{control_id}|P|2.5.1"
    return f"{header}\rPID|1||P1||张^三\r{rest}".encode()


@dataclass
class Inbox:
    """What was kept, by partner; keeps nothing more while `is_open` is clear, fails while `fails` is true."""

    kept: list[tuple[str, bytes]] = field(default_factory=list)
    notices: list[tuple[str, Notice]] = field(default_factory=list)
    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    fails: bool = False
    asked: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _numbers: int = 0

    def stamp(self) -> Stamp:
        self._numbers += 1
        return Stamp(f"A{self._numbers}", "20261124080000+0800")

    async def receive(self, partner: Partner, raw: bytes) -> Acknowledgement:
        self.asked += 1
        await self._tell()
        await self.is_open.wait()
        if self.fails:
            raise OSError("disk full")
        reception = received(raw, partner.charset, partner.answers)
        self.kept += [(partner.name, each.raw) for each in reception.messages]
        await self._tell()
        return acknowledged(reception, partner.answers, self.stamp())

    def notify(self, partner: str, notice: Notice) -> None:
        self.notices.append((partner, notice))

    async def sees(self, wanted: Callable[[Inbox], bool]) -> None:
        """Return once what was asked and kept is as wanted."""
        async with asyncio.timeout(TIMEOUT_S), self.changed:
            await self.changed.wait_for(lambda: wanted(self))

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()


@asynccontextmanager
async def an_inbox(listener: Listener | None = None, *, is_open: bool = True) -> AsyncIterator[tuple[Inbox, int]]:
    """Listen while the block runs; it is given the inbox and the port."""
    inbox = Inbox()
    if is_open:
        inbox.is_open.set()
    async with listening(listener or loopback(), inbox.receive, inbox.stamp, inbox.notify) as port:
        yield inbox, port
