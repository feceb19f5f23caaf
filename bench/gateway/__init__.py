"""Figures of the gateway: `python -m bench.gateway [topic ...]` keeps their section of `RESULTS.md`.

A topic is one module here with `async def rows(place: Path) -> list[Row]`; `place` is an empty directory of its own.
"""
