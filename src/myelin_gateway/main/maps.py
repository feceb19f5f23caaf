"""A partner's maps as its folder has them."""

from __future__ import annotations

from pathlib import Path

from myelin_gateway.mapping import TABLES, Read, read_maps


def maps_in(folder: Path | None) -> Read:
    """Return the maps of a folder; without one everything goes to the fallback role. Raises OSError."""
    if folder is None:
        return read_maps({})
    known = {table.file for table in TABLES}
    return read_maps({file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.name in known})
