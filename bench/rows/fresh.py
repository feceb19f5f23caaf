"""Resident memory of a server that has just started, without PostgreSQL's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.assignment import Figure

if TYPE_CHECKING:
    from bench.load.site import Site


async def measure(site: Site) -> list[Figure]:
    return [Figure("fresh", "resident_mb", site.meter.resident_bytes() / 1e6)]
