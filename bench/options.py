"""The command line of the bench, understood."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from bench.assignment import Durations
from bench.launch.ejabberd import Ejabberd
from bench.launch.myelin import Myelin
from bench.launch.running import Server
from bench.launch.synapse import Synapse
from bench.rows import ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OUTPUT = Path(__file__).parent / "RESULTS.md"

FULL = Durations(
    warm_up_s=2,
    closed_s=8,
    small_s=5,
    calm_s=30,
    open_s=25,
    receipts_s=10,
    idle_s=12,
    storm_s=15,
    idle_clients=20_000,
    idle_users=4_000,
    sign_ins=200,
    creations=200,
    rooms=200,
)
# What only stands beside is measured for a shorter time, or the whole would take an hour; it is also slower, so that
# fewer acts are enough for its CPU clock of 10 ms.
FULL_OF_PEERS = msgspec.structs.replace(FULL, calm_s=12, open_s=10, idle_users=500, creations=40)
QUICK = Durations(
    warm_up_s=1,
    closed_s=5,
    small_s=3,
    calm_s=8,
    open_s=8,
    receipts_s=5,
    idle_s=5,
    storm_s=10,
    idle_clients=500,
    idle_users=500,
    sign_ins=40,
    creations=20,
    rooms=20,
)

Value = TypeVar("Value")


class Options(msgspec.Struct, frozen=True):
    """What to measure on which servers, for how long, and where to write."""

    servers: tuple[Server, ...]
    rows: tuple[str, ...]
    rounds: int
    durations: Durations
    durations_of_peers: Durations
    directory: Path
    output: Path
    date: str

    def durations_for(self, server: str) -> Durations:
        return self.durations if server == "myelin" else self.durations_of_peers


def parse(arguments: Sequence[str]) -> Options:
    servers, parser = known_servers(), command_line()
    given = parser.parse_args(arguments)
    rows = chosen(parser, ROWS, given.rows)
    return Options(
        servers=tuple(
            chosen(parser, servers, given.servers or ("myelin" if given.quick else ",".join(servers))).values()
        ),
        rows=tuple(row for row in ROWS if row in rows),
        rounds=given.rounds or (1 if given.quick else 3),
        durations=QUICK if given.quick else FULL,
        durations_of_peers=QUICK if given.quick else FULL_OF_PEERS,
        directory=given.directory,
        output=given.output,
        date=given.date or time.strftime("%Y-%m-%d %H:%M"),
    )


def command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures Myelin beside Synapse and ejabberd.")
    parser.add_argument("--servers", help=f"of {','.join(known_servers())} (default: all; with --quick: myelin)")
    parser.add_argument("--rows", default=",".join(ROWS), help=f"of {','.join(ROWS)} (default: all)")
    parser.add_argument("--rounds", type=int, help="interleaved rounds (default: 3; with --quick: 1)")
    parser.add_argument("--quick", action="store_true", help="a smoke run with short durations")
    parser.add_argument("--directory", type=Path, default=Path("/var/tmp"), help="where databases lie: a real disk")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="where the table is written")
    parser.add_argument("--date", help="stands in the table (default: now)")
    return parser


def known_servers() -> dict[str, Server]:
    servers: tuple[Server, ...] = (
        Myelin(),
        Synapse(on_postgresql=False),
        Synapse(on_postgresql=True),
        Ejabberd(on_postgresql=False),
        Ejabberd(on_postgresql=True),
    )
    return {server.name: server for server in servers}


def chosen(parser: argparse.ArgumentParser, known: Mapping[str, Value], names: str) -> dict[str, Value]:
    unknown = [name for name in names.split(",") if name not in known]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}")
    return {name: known[name] for name in names.split(",")}
