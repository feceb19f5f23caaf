"""The measuring itself: in every round each server in turn is started, measured by the load generator, and stopped."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bench.assignment import Assignment, Outcome
from bench.launch.running import NotStarted, Server
from bench.machine import cores
from bench.rows import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.options import Options
    from bench.results import Results

REPOSITORY = Path(__file__).parent.parent


class Turn(msgspec.Struct, frozen=True):
    """One start of one server, and the rows measured on it."""

    round: int
    server: Server
    session: str
    rows: tuple[str, ...]


def turns(options: Options) -> Iterator[Turn]:
    """Servers alternate as often as possible, so that a change of the machine's mood meets them all."""
    sessions = list(dict.fromkeys(ROWS[row].session for row in options.rows))
    for number in range(1, options.rounds + 1):
        for session in sessions:
            for server in options.servers:
                if rows := tuple(row for row in options.rows if is_due(row, session, server.name, number)):
                    yield Turn(number, server, session, rows)


def is_due(row: str, session: str, server: str, round_number: int) -> bool:
    known = ROWS[row]
    return known.session == session and server in known.servers and (known.every_round or round_number == 1)


def run(options: Options, results: Results) -> Iterator[None]:
    """Adds to the results; gives the caller a moment after each turn."""
    for turn in turns(options):
        print(f"round {turn.round}: {turn.server.name}: {', '.join(turn.rows)}", flush=True)
        for outcome in measured(turn, options):
            results.add(turn.server.name, turn.round, outcome)
            print(f"  {line(outcome)}", flush=True)
        yield


def measured(turn: Turn, options: Options) -> Iterator[Outcome]:
    """The outcomes of one turn as they come; a server that does not start fails its rows and no others."""
    directory = Path(tempfile.mkdtemp(prefix=f"myelin-bench-{turn.server.name}-", dir=options.directory))
    # PostgreSQL runs as an ordinary user and must reach its own directory inside.
    directory.chmod(0o755)
    server_core, load_core = cores()
    try:
        started = turn.server.start(directory, server_core, honest_passwords=turn.session == "storm")
        try:
            yield from load(Assignment(started.target, turn.rows, options.durations_for(turn.server.name), load_core))
        finally:
            started.stop()
    except NotStarted as reason:
        yield from (Outcome(row, (), f"did not start: {reason}") for row in turn.rows)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def load(assignment: Assignment) -> Iterator[Outcome]:
    """Runs the load generator as a process of its own."""
    command = [sys.executable, "-m", "bench.load"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as generator:
        assert generator.stdin is not None
        assert generator.stdout is not None
        try:
            generator.stdin.write(msgspec.json.encode(assignment))
            generator.stdin.close()
            yield from (msgspec.json.decode(outcome, type=Outcome) for outcome in generator.stdout)
        finally:
            generator.kill()


def line(outcome: Outcome) -> str:
    figures = (f"{figure.name} {figure.value:.4g}" for figure in outcome.figures)
    return f"{outcome.row}: {outcome.failure or ', '.join(figures)}"
