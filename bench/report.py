"""`bench/RESULTS.md`: goals and whether they are met, medians side by side, every round, the machine, the command."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from bench.assignment import Durations
from bench.results import BROKEN_PROMISES
from bench.targets import GOALS, RATIOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.results import Results
    from bench.targets import Goal

INTRODUCTION = """\
# Results of `make bench`

Written by the bench itself; not to be edited. Server and database run on one core, the load generator on another;
CPU counts the server's and the database's processes, from the first send until everything is delivered and a second
of quiet has passed. Bodies are 600 bytes of `m.room.encrypted`; every member of a room waits in `/sync` (or holds its
XMPP stream), and every window ends with the check that each accepted message reached each member once and in the same
order. Rounds are interleaved; figures are medians of the rounds. Synapse and ejabberd are set up as
`bench/launch/` says. ejabberd's archive lies in Mnesia (its default; not durable) or in PostgreSQL."""
CROWDED_LOAD = 0.9


class Circumstances(msgspec.Struct, frozen=True):
    """What stands beside the figures."""

    date: str
    command: str
    rounds: int
    durations: Durations
    durations_of_peers: Durations
    machine: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]


def report(results: Results, circumstances: Circumstances) -> str:
    parts = [
        INTRODUCTION,
        "## Goals",
        goals(results),
        *promises(results),
        "## How many times better than each peer",
        ratios(results),
        "## Medians",
        medians(results),
        *failures(results),
        "## Every round",
        rounds(results),
        "## Machine and command",
        around(circumstances),
    ]
    return "\n\n".join(parts) + "\n"


def goals(results: Results) -> str:
    rows = [
        [goal.what, number(results.median("myelin", goal.row, goal.figure)), bound(goal, results), met(goal, results)]
        for goal in GOALS
    ]
    return table(["Goal (DESIGN §6)", "Myelin", "bound", "met"], rows)


def bound(goal: Goal, results: Results) -> str:
    return f"{'≥' if goal.at_least else '≤'} {number(goal.limit(results.median))} {goal.unit}"


def met(goal: Goal, results: Results) -> str:
    return {True: "yes", False: "**no**", None: "not measured"}[goal.is_met(results.median)]


def ratios(results: Results) -> str:
    """Below 1, the peer is the better."""
    peers = [server for server in results.servers() if server != "myelin"]
    rows = [[ratio.what, *(number(ratio.value(peer, results.median)) for peer in peers)] for ratio in RATIOS]
    return table(["", *peers], rows)


def promises(results: Results) -> list[str]:
    lines = [f"{server}: {promise(results, server)}" for server in results.servers()]
    share = results.busiest_load()
    warning = (
        " **The load generator was at its limit: figures of that row are its own.**" if share > CROWDED_LOAD else ""
    )
    return [
        "\n".join(f"- {line}" for line in lines),
        f"The load generator used at most {share:.0%} of its core.{warning}",
    ]


def promise(results: Results, server: str) -> str:
    count, refused, broken = (results.total(server, names) for names in (("messages",), ("refused",), BROKEN_PROMISES))
    return f"of {count:,} accepted messages {broken} were lost, doubled or reordered; {refused} were refused."


def medians(results: Results) -> str:
    servers = results.servers()
    rows = [
        [row, name, *(number(results.median(server, row, name)) for server in servers)]
        for row, name in results.figures()
    ]
    return table(["Row", "Figure", *servers], rows)


def rounds(results: Results) -> str:
    servers = results.servers()
    rows = [
        [row, name, *(", ".join(map(number, results.values(server, row, name))) or "–" for server in servers)]
        for row, name in results.figures()
    ]
    return table(["Row", "Figure", *servers], rows)


def failures(results: Results) -> list[str]:
    lines = [f"- {m.server}, round {m.round}, {m.outcome.row}: {m.outcome.failure}" for m in results.failures()]
    return ["## Rows that failed", "\n".join(lines)] if lines else []


def around(circumstances: Circumstances) -> str:
    facts = [
        ("Date", circumstances.date),
        ("Command", f"`{circumstances.command}`"),
        ("Rounds", str(circumstances.rounds)),
        *circumstances.machine,
        *circumstances.versions,
        ("Durations and sizes", in_words(circumstances.durations)),
        ("Those of the peers", in_words(circumstances.durations_of_peers)),
    ]
    return table(["", ""], [list(fact) for fact in facts])


def in_words(durations: Durations) -> str:
    values: dict[str, float] = msgspec.to_builtins(durations)
    return ", ".join(f"{name} {value:g}" for name, value in values.items())


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def number(value: float) -> str:
    """Three significant digits, whole from a hundred on."""
    if math.isnan(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
