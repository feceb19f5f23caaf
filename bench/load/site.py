"""One server under measurement: its meter, its rooms, and windows of load on them."""

from __future__ import annotations

import asyncio
import gc
import time
from typing import TYPE_CHECKING

import msgspec

from bench.assignment import Figure
from bench.load.http import Address
from bench.load.loops import closed
from bench.load.matrix import Homeserver
from bench.load.matrix_ward import MatrixWard
from bench.load.record import Verdict, percentile_ms
from bench.load.ward import Shape, settle
from bench.load.xmpp_ward import XmppWard
from bench.meter import Meter, Usage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bench.assignment import Assignment
    from bench.load.loops import Loop
    from bench.load.ward import Ward

QUIET_S = 1.5
"""After a window: what a server collects for a second (deliveries, caches) is still part of its messages' cost."""


class Window(msgspec.Struct, frozen=True):
    """What one measured load gave."""

    accepted: int
    refused: int
    sending_s: float
    usage: Usage
    load_share: float
    verdict: Verdict
    p50_ms: float
    p99_ms: float

    def cpu_figures(self, row: str) -> list[Figure]:
        per_thousand = 1000 / max(1, self.accepted)
        return [
            Figure(row, "cpu_s_per_1000", self.usage.total_s * per_thousand),
            Figure(row, "server_cpu_s_per_1000", self.usage.server_s * per_thousand),
            Figure(row, "database_cpu_s_per_1000", self.usage.database_s * per_thousand),
            Figure(row, "messages_per_s", self.accepted / self.sending_s),
            *self.honesty_figures(row),
        ]

    def delay_figures(self, row: str) -> list[Figure]:
        return [Figure(row, "p50_ms", self.p50_ms), Figure(row, "p99_ms", self.p99_ms)]

    def honesty_figures(self, row: str) -> list[Figure]:
        return [
            Figure(row, "messages", self.accepted),
            Figure(row, "refused", self.refused),
            Figure(row, "lost", self.verdict.lost),
            Figure(row, "doubled", self.verdict.doubled),
            Figure(row, "reordered", self.verdict.reordered),
            Figure(row, "load_core_share", self.load_share),
        ]


class Site:
    """What a row gets: the server, its meter, and rooms which rows of one shape share."""

    def __init__(self, assignment: Assignment) -> None:
        self.durations = assignment.durations
        self.target = assignment.target
        self.meter = Meter(assignment.target)
        self.homeserver = Homeserver(Address(assignment.target.host, assignment.target.port))
        self._wards: dict[Shape, Ward] = {}

    async def ward(self, shape: Shape) -> Ward:
        """Rooms of this shape, opened and warmed up once."""
        if shape not in self._wards:
            self._wards[shape] = ward = await self._open(shape)
            await closed(ward, self.durations.warm_up_s)
            await settle(ward)
        return self._wards[shape]

    async def matrix_ward(self, shape: Shape) -> MatrixWard:
        ward = await self.ward(shape)
        assert isinstance(ward, MatrixWard)
        return ward

    async def _open(self, shape: Shape) -> Ward:
        if self.target.protocol == "xmpp":
            ward = XmppWard(shape, self.target)
            await ward.open()
            return ward
        matrix_ward = MatrixWard(shape)
        await matrix_ward.open(self.homeserver)
        return matrix_ward

    async def close_wards(self) -> None:
        for ward in self._wards.values():
            await ward.close()
        self._wards.clear()

    async def window(self, ward: Ward, load: Callable[[], Awaitable[Loop]]) -> Window:
        """Measures a load from its first send until all is delivered and the server is quiet again."""
        ward.record.begin()
        gc.collect()
        gc.disable()
        before, own_before_s, start_s = self.meter.usage(), time.process_time(), time.monotonic()
        loop = await load()
        sending_s, own_s = time.monotonic() - start_s, time.process_time() - own_before_s
        await settle(ward)
        await asyncio.sleep(QUIET_S)
        usage = self.meter.usage().since(before)
        gc.enable()
        record = ward.record
        return Window(
            accepted=record.accepted_count(),
            refused=loop.refused,
            sending_s=sending_s,
            usage=usage,
            load_share=own_s / sending_s,
            verdict=record.verdict(),
            p50_ms=percentile_ms(record.delays_s, 0.5),
            p99_ms=percentile_ms(record.delays_s, 0.99),
        )
