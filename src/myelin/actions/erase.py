"""Erasure: bodies and salts are destroyed, by law or when their time is over; every proof still holds.

What may not be erased is what folds read and nothing later replaces: the state that makes a room what it is, and
receipts and deliveries, whose items are their bodies. The database refuses a body that is still shown (the current
account data, profile or device name): replace it first.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from myelin.append.proposal import Lane, Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft, Entry
from myelin.entries.facts import AccountDataSet, DeviceAdded, DeviceRenamed, Erased, EventAppended, ProfileSet, Reported
from myelin.matrix.errors import InvalidParam, MatrixError
from myelin.matrix.events import redacted_body
from myelin.projections.superseded import SupersededBodies
from myelin.schema.connections import DATABASE_FAULTS

# Redaction takes away some of what folds read here (rooms/v10, "Redactions"); nobody's message is in them.
LASTING_STATE = frozenset({"m.room.create", "m.room.power_levels", "org.myelin.room"})
ERASABLE = (AccountDataSet, DeviceAdded, DeviceRenamed, ProfileSet, Reported)

ENTRIES_AT_ONCE = 200
ROUNDS = 25
INTERVAL_S = 300
DAY_MS = 24 * 60 * 60 * 1000
SUPERSEDED = "superseded"

logger = logging.getLogger(__name__)


def erase(entries: Sequence[Entry], reason: str) -> Proposal[int]:
    """Propose that these bodies are destroyed; the answer is the position of the entry that says so.

    A room event keeps its pruned body; of other kinds nothing stays readable.
    """

    def propose(turn: Turn) -> int:
        bodies = [pruned_body(turn, entry) for entry in entries]
        facts = Erased(tuple(entry.position for entry in entries), reason)
        position = turn.emit(Draft(facts=facts)).position
        for entry, body in zip(entries, bodies, strict=True):
            turn.write("erased_bodies", target=entry.position, position=position, body=body)
        return position

    return Proposal(propose, lane=Lane.BULK)


def pruned_body(turn: Turn, entry: Entry) -> str | None:
    """Return what stays readable, in hexadecimal; `InvalidParam` where the body may not go."""
    if isinstance(entry.facts, ERASABLE):
        return None
    event, body = entry.event, entry.body
    if not isinstance(entry.facts, EventAppended) or event is None or body is None or event.type in LASTING_STATE:
        raise InvalidParam(f"entry {entry.position} may not be erased: the state of the server is made from it")
    room = turn.room(event.room_id)
    assert room is not None, "an event without its room"
    return redacted_body(body, room.version).hex()


class SupersededErasure:
    """Erases private bodies (account data, read markers, drafts) a day after something newer has replaced them."""

    def __init__(
        self,
        submit: Callable[[Proposal[int]], Awaitable[int]],
        superseded: SupersededBodies,
        clock_ms: Callable[[], int],
    ) -> None:
        self._submit = submit
        self._superseded = superseded
        self._clock_ms = clock_ms

    async def run(self) -> None:
        """Erase what is due every few minutes, for ever."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            try:
                await self.run_once()
            except (MatrixError, *DATABASE_FAULTS) as fault:
                logger.warning("superseded bodies are still there (%s); trying again later", type(fault).__name__)

    async def run_once(self) -> int:
        """Erase what is due, a bounded part of it; return how many bodies went. The next run goes on from there."""
        count = 0
        for _ in range(ROUNDS):
            due = await self._superseded.before(self._clock_ms() - DAY_MS, ENTRIES_AT_ONCE)
            if not due:
                break
            await self._submit(erase(due, SUPERSEDED))
            count += len(due)
        return count
