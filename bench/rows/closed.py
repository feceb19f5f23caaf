"""16 senders in a closed loop, in rooms of 2, 10 and 50 members who all wait in `/sync`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.assignment import Figure
from bench.load import loops
from bench.load.ward import ONE_IN_EACH
from bench.rows.shapes import FOUR_IN_FOUR, ROOMS_OF_2, ROOMS_OF_10, ROOMS_OF_50

if TYPE_CHECKING:
    from bench.load.site import Site
    from bench.load.ward import Shape, Spread


async def rooms_of_2(site: Site) -> list[Figure]:
    return await in_rooms("rooms2", site, ROOMS_OF_2, site.durations.small_s)


async def rooms_of_50(site: Site) -> list[Figure]:
    return await in_rooms("rooms50", site, ROOMS_OF_50, site.durations.small_s, FOUR_IN_FOUR)


async def rooms_of_10(site: Site) -> list[Figure]:
    """One sender in each of 16 rooms; with the bytes that a message and its deliveries take on disk."""
    await site.ward(ROOMS_OF_10)
    before_bytes = site.meter.disk_bytes()
    figures = await in_rooms("closed", site, ROOMS_OF_10, site.durations.closed_s)
    messages = next(figure.value for figure in figures if figure.name == "messages")
    added_bytes = site.meter.disk_bytes() - before_bytes
    return [*figures, Figure("closed", "disk_bytes_per_message", added_bytes / max(1, messages))]


async def lively(site: Site) -> list[Figure]:
    """The same with four senders in each of four rooms, so that one sync answer may carry several messages."""
    return await in_rooms("lively", site, ROOMS_OF_10, site.durations.small_s, FOUR_IN_FOUR)


async def in_rooms(row: str, site: Site, shape: Shape, duration_s: float, spread: Spread = ONE_IN_EACH) -> list[Figure]:
    ward = await site.ward(shape)
    window = await site.window(ward, lambda: loops.closed(ward, duration_s, spread))
    return [*window.cpu_figures(row), *window.delay_figures(row)]
