"""Acknowledgements of messages, read back from the events that refer to them."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from myelin.entries.rows import entry_from_row
from myelin.schema.queries import load_queries
from myelin.state.acknowledgement import Acknowledgement, acknowledgement_of, refers_to


class Acknowledgements:
    """Reads who was asked to acknowledge messages, and who has."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.projections", "acknowledgements.sql")

    async def of(self, event_ids: Sequence[str]) -> dict[str, Acknowledgement]:
        """Return what is known of each of these events."""
        rows = await self._pool.fetch(self._queries["acknowledgement_entries"], event_ids)
        entries = [entry_from_row(row) for row in rows]
        return {
            event_id: acknowledgement_of([entry for entry in entries if refers_to(entry, event_id)])
            for event_id in event_ids
        }
