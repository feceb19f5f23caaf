"""200 people sign in at once while 200 messages a second go on: by how much does the p99 of the messages move?"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import msgspec

from bench.assignment import Figure
from bench.load import loops
from bench.load.matrix import sign_in
from bench.rows.shapes import ROOMS_OF_10

if TYPE_CHECKING:
    from bench.load.loops import Loop
    from bench.load.matrix import User
    from bench.load.site import Site

SIGN_INS_PER_USER = 4
"""Registering costs a password hash too."""
PATIENCE_S = 120


class Storm(msgspec.Struct):
    """How the sign-ins went."""

    accepted: int = 0
    put_off: int = 0
    lasted_s: float = 0.0


async def measure(site: Site) -> list[Figure]:
    ward = await site.ward(ROOMS_OF_10)
    users = await site.homeserver.register_many(site.durations.sign_ins // SIGN_INS_PER_USER)
    storm = Storm()

    async def load() -> Loop:
        loop, _ = await asyncio.gather(
            loops.opened(ward, 200, site.durations.storm_s), break_out(storm, users * SIGN_INS_PER_USER)
        )
        return loop

    quiet = await site.window(ward, lambda: loops.opened(ward, 200, site.durations.storm_s))
    stormy = await site.window(ward, load)
    return [
        Figure("storm", "p99_quiet_ms", quiet.p99_ms),
        Figure("storm", "p99_stormy_ms", stormy.p99_ms),
        Figure("storm", "p99_moved_ms", stormy.p99_ms - quiet.p99_ms),
        Figure("storm", "sign_ins_accepted", storm.accepted),
        Figure("storm", "sign_ins_put_off", storm.put_off),
        Figure("storm", "lasted_s", storm.lasted_s),
        *stormy.honesty_figures("storm"),
    ]


async def break_out(storm: Storm, users: list[User]) -> None:
    """All at once, a second after the messages began."""
    await asyncio.sleep(1)
    start_s = time.monotonic()
    async with asyncio.timeout(PATIENCE_S):
        storm.put_off = sum(await asyncio.gather(*(sign_in(user) for user in users)))
    storm.accepted = len(users)
    storm.lasted_s = time.monotonic() - start_s
