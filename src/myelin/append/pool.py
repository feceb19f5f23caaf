"""The pool: what waits is proposed in one batch, appended in one call, published, and only then answered.

One task runs `run`; nobody else appends, and nobody publishes to memory but under its lock. A crash leaves
nothing of a batch or the whole of it. Where the answer of a commit is lost, the tail tells which.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

import asyncpg

from myelin.append.batch import Batch
from myelin.append.lanes import AnyAsk, Ask, Lanes
from myelin.append.loading import Loading
from myelin.append.memory import Memory
from myelin.append.origin import Origin
from myelin.append.overlay import BatchState, NotLoaded
from myelin.append.pace import Pace
from myelin.append.proposal import Lane, Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Entry
from myelin.entries.rows import AppendedRow
from myelin.log.log import NO_ROOM, OUTCOME_UNKNOWN, Head
from myelin.matrix.errors import LimitExceeded, MatrixError, Overtaken, ResourceUnavailable, Unknown
from myelin.policy.policy import Policy

Answer = TypeVar("Answer")
Published = Callable[[Sequence[Entry]], None]

QUICK_ATTEMPTS = 2
ATTEMPTS = 5
LOADS_PER_TURN = 64
PARTS = ("users", "rooms", "events", "children")
READ_LIMIT = 1000

logger = logging.getLogger(__name__)


class LogWriter(Protocol):
    """What the pool needs of the log; see `myelin.log.writer.Writer`."""

    async def append(self, expected: Head, rows: Sequence[AppendedRow], writes: str | None, signal: bool) -> int: ...
    async def read(self, after: int, limit: int = 1000) -> list[Entry]: ...
    async def head(self) -> int: ...
    def standstill(self) -> AbstractAsyncContextManager[None]: ...
    async def close(self) -> None: ...


class LogWentBack(Exception):
    """The database was restored to an earlier moment under a running server: start the server again."""


class Pool:
    """Where every change of the log goes through.

    `alone` says whether to spare the signal to other processes; `published` is told of every entry, own or
    others', in the order of the log, right after memory has folded it.
    """

    def __init__(
        self,
        writer: LogWriter,
        memory: Memory,
        loading: Loading,
        origin: Origin,
        policy: Policy,
        clock_ms: Callable[[], int],
        alone: Callable[[], bool],
        published: Published,
    ) -> None:
        self._writer = writer
        self._memory = memory
        self._loading = loading
        self._origin = origin
        self._policy = policy
        self._clock_ms = clock_ms
        self._alone = alone
        self._published = published
        self._lanes = Lanes()
        self._pace = Pace()
        self._lock = asyncio.Lock()
        # By their first leaf, batches after the present head of which nobody knows whether they are in the log.
        self._unsettled: dict[bytes, Batch] = {}

    @property
    def waiting(self) -> int:
        """How many proposals wait for a batch."""
        return len(self._lanes)

    async def submit(self, proposal: Proposal[Answer]) -> Answer:
        """Have a proposal decided and made durable; return its answer or raise its refusal."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._lanes.put(Ask(proposal, answer))
        # Who hangs up cancels the waiting, not what was sent.
        return await asyncio.shield(answer)

    async def run(self) -> None:
        """Append whatever arrives, for ever."""
        now_s = asyncio.get_running_loop().time
        while True:
            asks = await self._lanes.next_batch(self._pace.count, self._pace.rest_s)
            began_s, bulk = now_s(), sum(ask.proposal.lane is Lane.BULK for ask in asks)
            async with self._lock:
                await self._append_all(asks)
            self._pace.took(bulk, len(asks) - bulk, now_s() - began_s)

    async def catch_up(self) -> None:
        """Publish what other processes have appended."""
        async with self._lock:
            await self._catch_up()

    async def _append_all(self, asks: list[AnyAsk]) -> None:
        try:
            asks = await self._attempts(asks, QUICK_ATTEMPTS)
            if asks:
                # Others were quicker, twice: now they wait.
                async with self._writer.standstill():
                    await self._catch_up()
                    asks = await self._attempts(asks, ATTEMPTS)
            refuse_all(asks, LimitExceeded("the server is busy; try again in a second", retry_after_ms=1000))
        except LogWentBack:
            refuse_all(asks, ResourceUnavailable())
            raise
        except OUTCOME_UNKNOWN:
            logger.warning("the database does not answer; %d requests are refused", len(asks))
            await self._writer.close()
            self._unsettled.clear()
            refuse_all(asks, ResourceUnavailable())
        except NO_ROOM as fault:
            logger.error("the database cannot work: %s", type(fault).__name__)
            refuse_all(asks, ResourceUnavailable())
        except Exception:
            logger.exception("a batch failed")
            refuse_all(asks, Unknown())

    async def _attempts(self, asks: list[AnyAsk], count: int) -> list[AnyAsk]:
        for _ in range(count):
            if asks:
                asks = await self._attempt(asks)
        return asks

    async def _attempt(self, asks: list[AnyAsk]) -> list[AnyAsk]:
        """Propose and append; return who must be asked again."""
        batch = await self._propose(asks)
        try:
            if not batch.state.entries and batch.writes() is None:
                return await self._confirm(batch)
            return await self._append(batch)
        except asyncpg.UniqueViolationError:
            return await self._answer_repeated(batch)
        except OUTCOME_UNKNOWN:
            return await self._settle(batch)
        except asyncpg.PostgresError as fault:
            return await self._isolate(batch, fault)

    async def _confirm(self, batch: Batch) -> list[AnyAsk]:
        # Nothing to append, but a refusal decided on an old state would be wrong: the head must be the log's.
        if not self._alone() and await self._writer.head() != batch.state.head:
            await self._catch_up()
            return batch.asks()
        batch.resolve()
        return []

    async def _append(self, batch: Batch) -> list[AnyAsk]:
        expected = batch.state.head
        head = Head(expected, self._memory.leaf(expected))
        found = await self._writer.append(head, batch.rows(), batch.writes(), not self._alone())
        # Also where the log has come as far again by other entries: what was decided here does not belong behind them.
        if found < expected:
            raise LogWentBack
        if found != expected:
            await self._catch_up()
            return batch.asks()
        # Only now is the batch durable. Nobody runs before this returns: whoever is answered reads what they wrote.
        batch.resolve()
        if batch.state.entries:
            self._publish(batch.state.entries)
        return []

    async def _settle(self, batch: Batch) -> list[AnyAsk]:
        # The commit may have happened and its answer been lost, or may yet happen where its session still lives.
        await self._writer.close()
        if batch.state.entries:
            self._unsettled[batch.state.entries[0].leaf] = batch
        await self._catch_up()
        return batch.asks()

    async def _answer_repeated(self, batch: Batch) -> list[AnyAsk]:
        # A request with this key was accepted before, perhaps by another process: it gets the first answer.
        asks = batch.asks()
        known = await self._loading.answers([ask.proposal.key for ask in asks if ask.proposal.key is not None])
        again: list[AnyAsk] = []
        for ask in asks:
            event_id = known.get(ask.proposal.key) if ask.proposal.key is not None else None
            if event_id is None or ask.proposal.again is None:
                again.append(ask)
            else:
                ask.resolve(ask.proposal.again(event_id))
        if len(again) == len(asks):
            return await self._isolate(batch, None)
        return again

    async def _isolate(self, batch: Batch, fault: Exception | None) -> list[AnyAsk]:
        # The database refuses the batch. Where it has no room or may not write, nobody is guilty.
        if isinstance(fault, NO_ROOM):
            logger.error("the database cannot write: %s", type(fault).__name__)
            batch.refuse(ResourceUnavailable())
            return []
        asks = batch.asks()
        if len(asks) == 1 and isinstance(fault, asyncpg.SerializationError):
            # A store is no longer as the proposal had read it; what was to be written beside it is not written either.
            batch.refuse(Overtaken())
            return []
        if len(asks) == 1:
            logger.error("the database refused an entry", exc_info=fault)
            batch.refuse(Unknown())
            return []
        # One item is poisonous: each alone, and only the guilty one fails.
        for ask in asks:
            await self._append_all([ask])
        return []

    async def _propose(self, asks: Sequence[AnyAsk]) -> Batch:
        memory = self._memory
        batch = Batch(BatchState(memory, memory.head, memory.latest_at, memory.people))
        keys: dict[bytes, AnyAsk] = {}
        at = self._clock_ms()
        await self._prepare(asks, batch)
        for ask in asks:
            key = ask.proposal.key
            if key is not None and key in keys:
                follow(keys[key], ask)
                continue
            if key is not None:
                keys[key] = ask
            await self._take_turn(ask, batch, at)
        return batch

    async def _prepare(self, asks: Sequence[AnyAsk], batch: Batch) -> None:
        """Load together what proposals say that they will ask for."""
        needs = [ask.proposal.needs for ask in asks if ask.proposal.needs is not None]
        if needs:
            wanted = {part: {name for need in needs for name in getattr(need, part)} for part in PARTS}
            await self._loading.load(NotLoaded(**wanted), batch.state)

    async def _take_turn(self, ask: AnyAsk, batch: Batch, at: int) -> None:
        for _ in range(LOADS_PER_TURN):
            turn = Turn(batch.state, at, self._origin, self._policy)
            try:
                answer = ask.proposal.propose(turn)
            except NotLoaded as missing:
                await self._loading.load(missing, batch.state)
                continue
            except MatrixError as refusal:
                await self._refuse(ask, refusal, batch)
                return
            except Exception:
                logger.exception("a proposal failed")
                batch.refuse_one(ask, Unknown())
                return
            batch.take(ask, answer, turn)
            return
        logger.error("a proposal never had all it needs")
        ask.refuse(Unknown())

    async def _refuse(self, ask: AnyAsk, refusal: MatrixError, batch: Batch) -> None:
        # What was accepted stays accepted: a retry gets its first answer, whatever has become forbidden since.
        key, again = ask.proposal.key, ask.proposal.again
        known = await self._loading.answers([key]) if key is not None and again is not None else {}
        if key in known and again is not None:
            ask.resolve(again(known[key]))
        else:
            batch.refuse_one(ask, refusal)

    async def _catch_up(self) -> None:
        while entries := await self._following():
            self._publish(entries)

    async def _following(self) -> Sequence[Entry]:
        """Return what follows memory's head in the log, which must still go through it."""
        head = self._memory.head
        entries = await self._writer.read(head - 1, READ_LIMIT)
        if not entries or entries[0].leaf != self._memory.leaf(head):
            raise LogWentBack
        return entries[1:]

    def _publish(self, entries: Sequence[Entry]) -> None:
        self._memory.publish(entries)
        self._published(entries)
        # Salts are random: where its own leaf stands in the place that a batch wanted, all of it was accepted.
        accepted = self._unsettled.pop(entries[0].leaf, None)
        self._unsettled.clear()
        if accepted is not None:
            accepted.resolve()


def refuse_all(asks: Sequence[AnyAsk], refusal: Exception) -> None:
    for ask in asks:
        ask.refuse(refusal)


def follow(first: AnyAsk, second: AnyAsk) -> None:
    """Give a repeated request of the same batch the first one's answer."""

    def copy(answer: asyncio.Future[object]) -> None:
        if answer.cancelled():
            second.refuse(ResourceUnavailable())
        elif (refusal := answer.exception()) is not None:
            second.refuse(refusal if isinstance(refusal, Exception) else Unknown())
        else:
            second.resolve(answer.result())

    first.answer.add_done_callback(copy)
