"""An open loop in rooms of 10: delays from the scheduled send to the appearance at each other member."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.load import loops
from bench.rows.shapes import ROOMS_OF_10

if TYPE_CHECKING:
    from bench.assignment import Figure
    from bench.load.site import Site


async def calm(site: Site) -> list[Figure]:
    return await at_rate("open10", site, 10, site.durations.calm_s)


async def busy(site: Site) -> list[Figure]:
    return await at_rate("open200", site, 200, site.durations.open_s)


async def at_rate(row: str, site: Site, rate: float, duration_s: float) -> list[Figure]:
    ward = await site.ward(ROOMS_OF_10)
    window = await site.window(ward, lambda: loops.opened(ward, rate, duration_s))
    return [*window.cpu_figures(row), *window.delay_figures(row)]
