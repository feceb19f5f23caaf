"""One batch: the turns that were taken, their entries, and all that goes with them into one transaction."""

from __future__ import annotations

from typing import Any

import msgspec

from myelin.append.lanes import AnyAsk
from myelin.append.overlay import BatchState
from myelin.append.turn import Turn
from myelin.entries.rows import AppendedRow, appended_row

_encode = msgspec.json.Encoder().encode


class Taken(msgspec.Struct, frozen=True):
    """A turn that was accepted: who asked, what they get when the batch is durable."""

    ask: AnyAsk
    answer: Any
    turn: Turn


class Batch:
    """The accepted turns over one state."""

    def __init__(self, state: BatchState) -> None:
        self.state = state
        self.taken: list[Taken] = []
        self.refused: list[tuple[AnyAsk, Exception]] = []

    def take(self, ask: AnyAsk, answer: object, turn: Turn) -> None:
        """Add a turn that was accepted."""
        turn.accept()
        self.taken.append(Taken(ask, answer, turn))

    def refuse_one(self, ask: AnyAsk, refusal: Exception) -> None:
        """Have somebody refused, once it is certain that the state which says so is the log's own."""
        self.refused.append((ask, refusal))

    def rows(self) -> list[AppendedRow]:
        """Return the entries as rows."""
        return [appended_row(entry) for entry in self.state.entries]

    def writes(self) -> str | None:
        """Return the rows of every projection and store as JSON, by table; None where only events changed."""
        tables: dict[str, list[object]] = {}
        for taken in self.taken:
            for delta in taken.turn.deltas:
                tables.setdefault(delta.table, []).append(delta)
            for table, row in taken.turn.writes:
                tables.setdefault(table, []).append(row)
        return _encode(tables).decode() if tables else None

    def resolve(self) -> None:
        """Answer everybody: the batch is durable, and the state that it was decided on was the log's own."""
        for taken in self.taken:
            taken.ask.resolve(taken.answer)
        for ask, refusal in self.refused:
            ask.refuse(refusal)

    def refuse(self, refusal: Exception) -> None:
        """Tell everybody that it did not happen, or that nobody knows."""
        for ask in self.asks():
            ask.refuse(refusal)

    def asks(self) -> list[AnyAsk]:
        """Return who is still to be answered."""
        asked = [taken.ask for taken in self.taken] + [ask for ask, _ in self.refused]
        return [ask for ask in asked if not ask.answer.done()]
