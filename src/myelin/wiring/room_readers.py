"""What reads rooms for those who may look."""

from __future__ import annotations

import asyncpg
import msgspec

from myelin.append.loading import Loading
from myelin.append.memory import Memory
from myelin.schema.queries import Queries, load_queries
from myelin.sync.history import History
from myelin.sync.history_facts import HistoryFacts
from myelin.sync.past_state import PastState
from myelin.sync.relations import Relations
from myelin.sync.rendering import Renderer
from myelin.sync.room_directory import RoomDirectory
from myelin.sync.room_view import RoomViews
from myelin.sync.threads import Threads


class RoomReaders(msgspec.Struct, frozen=True):
    """What reads rooms for those who may look."""

    views: RoomViews
    state: PastState
    history: History
    relations: Relations
    threads: Threads
    directory: RoomDirectory


def room_readers(
    reads: asyncpg.Pool,
    sync_queries: Queries,
    memory: Memory,
    loading: Loading,
    renderer: Renderer,
    facts: HistoryFacts,
) -> RoomReaders:
    """Build what reads rooms."""
    queries = load_queries("myelin.sync", "history.sql")
    state = PastState(reads, queries, sync_queries, renderer)
    history = History(reads, queries, renderer, state)
    return RoomReaders(
        views=RoomViews(memory, loading, facts),
        state=state,
        history=history,
        relations=Relations(reads, queries, history),
        threads=Threads(reads, history),
        directory=RoomDirectory(reads, queries, loading),
    )
