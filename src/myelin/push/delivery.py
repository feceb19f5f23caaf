"""Follows the log and rings: each event is told to whom it notifies, each receipt changes a badge.

One process does so at a time. Durable is up to where the log was followed, and, of each pusher that is behind, up to
where it was rung; both are kept a second later, sooner by whoever just began. So a crash loses nothing and tells at
most the last second again.
What waits is in memory, bounded for each pusher; a place that does not answer costs nobody but itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from itertools import islice
from typing import Protocol, cast

from myelin.append.loading import Loading
from myelin.append.memory import LoadTooOld, Memory
from myelin.entries import facts as kinds
from myelin.entries.entry import Entry
from myelin.entries.items import Receipt
from myelin.matrix.errors import MatrixError
from myelin.push.badges import Badges
from myelin.push.leadership import Leadership
from myelin.push.listeners import Telling, listeners
from myelin.push.switchboard import Switchboard
from myelin.schema.connections import DATABASE_FAULTS
from myelin.stores.pushers import Pusher, Pushers

ENTRIES_AT_ONCE = 500
KEEP_INTERVAL_S = 1.0
# Whoever begins to push rings at once what nobody rang before: where it stands then is worth keeping at once, too.
FIRST_KEEP_AFTER_S = 0.05
RETRY_AFTER_S = 2.0
LAST_KEEP_S = 2.0
# What ends or replaces pushers, and what changes the counts of a person altogether.
PUSHER_KINDS = (kinds.PusherSet, kinds.PusherRemoved, kinds.DeviceRemoved, kinds.AccountDeactivated)

logger = logging.getLogger(__name__)


class ReadLog(Protocol):
    """What is needed of the log."""

    async def read(self, after: int, limit: int = 1000) -> list[Entry]: ...


# Returns the latest events that notify a pusher's person within `(from, to]`, oldest first.
Missed = Callable[[Pusher, int, int], Awaitable[Sequence[Entry]]]
# Opens what posts; yields what makes a switchboard whose bells are rung by tasks of a group.
Opened = Callable[[], AbstractAsyncContextManager[Callable[[asyncio.TaskGroup], Switchboard]]]


class Delivery:
    """Pushes, while this process is the one that does."""

    def __init__(
        self,
        memory: Memory,
        loading: Loading,
        log: ReadLog,
        pushers: Pushers,
        badges: Badges,
        missed: Missed,
        leadership: Leadership,
        opened: Opened,
    ) -> None:
        self._memory = memory
        self._loading = loading
        self._log = log
        self._pushers = pushers
        self._badges = badges
        self._missed = missed
        self._leadership = leadership
        self._opened = opened
        self._wanted = asyncio.Event()
        self._stirred = asyncio.Event()
        self._seen = -1
        self._kept = -1

    def published(self, entries: Sequence[Entry]) -> None:
        """Hear that the log has gone on."""
        self._stirred.set()
        if not self._wanted.is_set() and any(isinstance(entry.facts, kinds.PusherSet) for entry in entries):
            self._wanted.set()

    async def run(self) -> None:
        """Push for ever, as soon as there is a pusher and no other process does."""
        while True:
            try:
                if not self._wanted.is_set() and not await self._pushers.exist():
                    await self._wanted.wait()
                async with self._leadership.held() as still_there:
                    await self._lead(still_there)
            except* (MatrixError, *DATABASE_FAULTS) as faults:
                logger.warning("pushes wait (%s)", type(faults.exceptions[0]).__name__)
            except* Exception:
                # Pushes are a convenience: nothing that is wrong with them ends the server.
                logger.exception("pushes wait")
            await asyncio.sleep(RETRY_AFTER_S)

    async def _lead(self, still_there: Callable[[], Awaitable[None]]) -> None:
        async with self._opened() as new_board, asyncio.TaskGroup() as tasks:
            board = new_board(tasks)
            async with self._following(board):
                tasks.create_task(self._keep_for_ever(board, still_there))
                while True:
                    await self._follow(board)

    @asynccontextmanager
    async def _following(self, board: Switchboard) -> AsyncIterator[None]:
        """Begin where it was left off; in the end keep where it is left now."""
        self._badges.clear()
        self._kept = await self._pushers.position() or -1
        pushers = await self._pushers.all()
        # Before the first pusher there was nothing to tell.
        first = min((pusher.since for pusher in pushers), default=self._memory.head)
        self._seen = max(self._kept, first)
        for pusher in pushers:
            await self._take_up(board, pusher)
        try:
            yield
        finally:
            with suppress(TimeoutError, *DATABASE_FAULTS):
                async with asyncio.timeout(LAST_KEEP_S):
                    await self._keep(board, exactly=True)

    async def _take_up(self, board: Switchboard, pusher: Pusher) -> None:
        bell = board.add(pusher)
        if bell is None or pusher.cursor is None or pusher.cursor >= self._seen:
            return
        for entry in await self._missed(pusher, pusher.cursor, self._seen):
            await self._tell(board, entry, cast(kinds.EventAppended, entry.facts), [pusher.user_id])

    # --- following ---

    async def _follow(self, board: Switchboard) -> None:
        # Cleared before looking: what comes while we look is looked at again.
        self._stirred.clear()
        entries = await self._next_entries()
        for entry in entries:
            await self._take(board, entry)
            self._seen = entry.position
        if not entries:
            await self._stirred.wait()

    async def _next_entries(self) -> Sequence[Entry]:
        try:
            return list(islice(self._memory.recent_after(self._seen), ENTRIES_AT_ONCE))
        except LoadTooOld:
            return await self._log.read(self._seen, ENTRIES_AT_ONCE)

    async def _take(self, board: Switchboard, entry: Entry) -> None:
        facts = entry.facts
        if isinstance(facts, kinds.EventAppended):
            await self._take_event(board, entry, facts)
        elif isinstance(facts, kinds.ReceiptsRecorded):
            self._take_receipts(board, cast("Sequence[Receipt]", entry.items))
        elif isinstance(facts, PUSHER_KINDS) and entry.sender is not None:
            await self._take_pushers(board, entry.sender, isinstance(facts, kinds.PusherSet))
        elif isinstance(facts, kinds.AccountDataSet) and entry.sender is not None:
            # Who is ignored and which rooms are muted: both change what counts.
            self._badges.forget(entry.sender)

    async def _take_event(self, board: Switchboard, entry: Entry, facts: kinds.EventAppended) -> None:
        event = entry.event
        if event is None:
            return
        if event.membership is not None and event.state_key is not None:
            self._badges.forget(event.state_key)
        is_news = facts.notice or facts.named or facts.personal
        if not (is_news or facts.redacts):
            return
        room = await self._loading.room(event.room_id)
        if room is None:
            return
        for user_id in board.bells.keys() & room.members.keys():
            self._badges.changed(user_id, event.room_id)
        if is_news:
            await self._tell(board, entry, facts, listeners(entry, facts, room, board.bells))

    async def _tell(
        self, board: Switchboard, entry: Entry, facts: kinds.EventAppended, user_ids: Iterable[str]
    ) -> None:
        room = await self._loading.room(entry.room_id or "")
        if room is None or entry.event is None:
            return
        telling = Telling(entry, facts, entry.event, room, self._memory.people)
        for user_id in list(user_ids):
            user = await self._loading.user(user_id)
            note = telling.note_for(user) if user is not None else None
            if note is not None:
                board.tell(user_id, note)

    def _take_receipts(self, board: Switchboard, receipts: Sequence[Receipt]) -> None:
        for receipt in receipts:
            if receipt.user_id in board.bells:
                self._badges.changed(receipt.user_id, receipt.room_id)
                board.owe_badge(receipt.user_id)

    async def _take_pushers(self, board: Switchboard, user_id: str, is_set: bool) -> None:
        if not is_set and user_id not in board.bells:
            return
        pushers = await self._pushers.of(user_id)
        others = board.others_with(pushers) if is_set else ()
        board.replace(user_id, pushers)
        # A device that changed hands rings for its new owner only.
        for other in others:
            board.replace(other, await self._pushers.of(other))

    # --- keeping ---

    async def _keep_for_ever(self, board: Switchboard, still_there: Callable[[], Awaitable[None]]) -> None:
        pause_s = FIRST_KEEP_AFTER_S
        while True:
            await asyncio.sleep(pause_s)
            await still_there()
            await self._keep(board)
            pause_s = min(2 * pause_s, KEEP_INTERVAL_S)

    async def _keep(self, board: Switchboard, exactly: bool = False) -> None:
        # Taken together, before anything is awaited: what is behind `seen` has a cursor of its own.
        seen, stands = self._seen, board.changed_stands(exactly)
        if seen == self._kept and not stands:
            return
        try:
            await self._pushers.keep(seen, stands)
        except BaseException:
            board.not_kept(stands)
            raise
        self._kept = seen
