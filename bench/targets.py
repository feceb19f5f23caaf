"""The numbers to hold, as a table: DESIGN section 6."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    Lookup = Callable[[str, str, str], float]
    """The median of a figure: (server, row, name), not a number where it was not measured."""


class Goal(msgspec.Struct, frozen=True):
    """A bound on one of Myelin's figures: `bound`, times the peer's own figure where a peer is named."""

    what: str
    row: str
    figure: str
    bound: float
    unit: str
    peer: str = ""
    at_least: bool = False

    def limit(self, look_up: Lookup) -> float:
        return self.bound * look_up(self.peer, self.row, self.figure) if self.peer else self.bound

    def is_met(self, look_up: Lookup) -> bool | None:
        """Nothing where either side was not measured."""
        value, limit = look_up("myelin", self.row, self.figure), self.limit(look_up)
        if math.isnan(value) or math.isnan(limit):
            return None
        return value >= limit if self.at_least else value <= limit


class Ratio(msgspec.Struct, frozen=True):
    """How many times better than a peer Myelin is in one figure."""

    what: str
    row: str
    figure: str
    more_is_better: bool = False

    def value(self, peer: str, look_up: Lookup) -> float:
        mine, theirs = look_up("myelin", self.row, self.figure), look_up(peer, self.row, self.figure)
        above, below = (mine, theirs) if self.more_is_better else (theirs, mine)
        return above / below if below else math.nan


CPU = "cpu_s_per_1000"
RATE = "messages_per_s"

GOALS = (
    Goal("CPU per 1,000, closed loop, 16 rooms of 10: 1/60 of Synapse", "closed", CPU, 1 / 60, "s", "synapse"),
    Goal("the same: 0.6 of ejabberd", "closed", CPU, 0.6, "s", "ejabberd"),
    Goal("the same, four senders in each of 4 rooms: 1/60 of Synapse", "lively", CPU, 1 / 60, "s", "synapse"),
    Goal("the same: 0.6 of ejabberd", "lively", CPU, 0.6, "s", "ejabberd"),
    Goal("CPU per 1,000 at 200/s", "open200", CPU, 1.8, "s"),
    Goal(
        "messages a second, closed loop, 16 rooms of 10: 60 × Synapse",
        "closed",
        RATE,
        60,
        "/s",
        "synapse",
        at_least=True,
    ),
    Goal("the same: twice ejabberd", "closed", RATE, 2, "/s", "ejabberd", at_least=True),
    Goal("the same, four senders in each of 4 rooms: 60 × Synapse", "lively", RATE, 60, "/s", "synapse", at_least=True),
    Goal("the same: twice ejabberd", "lively", RATE, 2, "/s", "ejabberd", at_least=True),
    Goal("p50 at 10/s: 1/12 of Synapse", "open10", "p50_ms", 1 / 12, "ms", "synapse"),
    Goal("p99 at 10/s: 1/12 of Synapse", "open10", "p99_ms", 1 / 12, "ms", "synapse"),
    Goal("p50 at 200/s", "open200", "p50_ms", 3, "ms"),
    Goal("p99 at 200/s", "open200", "p99_ms", 8, "ms"),
    Goal("CPU per 1,000, rooms of 2: 1/30 of Synapse", "rooms2", CPU, 1 / 30, "s", "synapse"),
    Goal("CPU per 1,000, rooms of 50: 1/60 of Synapse", "rooms50", CPU, 1 / 60, "s", "synapse"),
    Goal("20,000 idle clients add to a message at 200/s", "idle", "open200_cpu_s_per_1000_added_percent", 5, "%"),
    Goal("resident memory, fresh", "fresh", "resident_mb", 110, "MB"),
    Goal("memory of an idle client", "memory", "kib_per_idle_client", 30, "KiB"),
    Goal("initial sync, limit 10: 1/15 of Synapse", "initial", "limit_10_cpu_s", 1 / 15, "s", "synapse"),
    Goal("initial sync, limit 50: 1/10 of Synapse", "initial", "limit_50_cpu_s", 1 / 10, "s", "synapse"),
    Goal("room creation: 1/10 of Synapse", "create", "create_room_cpu_ms", 1 / 10, "ms", "synapse"),
    Goal("join: 1/10 of Synapse", "create", "join_cpu_ms", 1 / 10, "ms", "synapse"),
    Goal("p99 moved by 200 sign-ins at 200/s", "storm", "p99_moved_ms", 5, "ms"),
    Goal("bytes on disk per message", "closed", "disk_bytes_per_message", 4096, "bytes"),
)

RATIOS = (
    Ratio("CPU, closed loop", "closed", CPU),
    Ratio("messages a second", "closed", RATE, more_is_better=True),
    Ratio("CPU, closed loop, lively rooms", "lively", CPU),
    Ratio("messages a second, lively rooms", "lively", RATE, more_is_better=True),
    Ratio("CPU at 200/s", "open200", CPU),
    Ratio("p99 at 200/s", "open200", "p99_ms"),
    Ratio("p50 at 10/s", "open10", "p50_ms"),
    Ratio("rooms of 2", "rooms2", CPU),
    Ratio("rooms of 50", "rooms50", CPU),
    Ratio("initial sync, limit 10", "initial", "limit_10_cpu_s"),
    Ratio("room creation", "create", "create_room_cpu_ms"),
    Ratio("join", "create", "join_cpu_ms"),
)
