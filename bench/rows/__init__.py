"""The rows of the table: which measurement, on which servers, beside which others.

Rows of one session share one start of the server and are measured in the order of this table: first what is quiet,
last what saturates, because a delay measured seconds after saturation says nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal

import msgspec

from bench.assignment import Figure
from bench.load.site import Site
from bench.rows import closed, create, fresh, idle, initial, opened, receipts, storm

if TYPE_CHECKING:
    from collections.abc import Mapping


Session = Literal["main", "once", "idle", "storm"]

MYELIN = ("myelin",)
MATRIX = ("myelin", "synapse")
FAST = ("myelin", "ejabberd", "ejabberd-postgresql")
FAST_AND_MATRIX = ("myelin", "synapse", "ejabberd", "ejabberd-postgresql")
ALL = ("myelin", "synapse", "synapse-postgresql", "ejabberd", "ejabberd-postgresql")


class Row(msgspec.Struct, frozen=True):
    """One measurement."""

    measure: Callable[[Site], Awaitable[list[Figure]]]
    servers: tuple[str, ...]
    session: Session = "main"
    every_round: bool = True


ROWS: Mapping[str, Row] = {
    "fresh": Row(fresh.measure, ALL),
    "open10": Row(opened.calm, MATRIX),
    "open200": Row(opened.busy, FAST),
    "receipts200": Row(receipts.measure, MYELIN),
    "create": Row(create.measure, MATRIX),
    "rooms2": Row(closed.rooms_of_2, MATRIX),
    "closed": Row(closed.rooms_of_10, ALL),
    "lively": Row(closed.lively, FAST_AND_MATRIX),
    "rooms50": Row(closed.rooms_of_50, MATRIX),
    "initial": Row(initial.measure, MATRIX, "once", every_round=False),
    "memory": Row(idle.memory, MATRIX, "idle", every_round=False),
    "idle": Row(idle.cost, MYELIN, "idle", every_round=False),
    "storm": Row(storm.measure, MYELIN, "storm", every_round=False),
}
