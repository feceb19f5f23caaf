"""Reads an assignment from standard input, measures its rows, and writes one outcome a line to standard output."""

from __future__ import annotations

import os
import resource
import sys
import traceback

import msgspec
import uvloop

from bench.assignment import Assignment, Outcome
from bench.load.site import Site
from bench.rows import ROWS


async def measure(assignment: Assignment) -> None:
    site = Site(assignment)
    for row in assignment.rows:
        outcome = await outcome_of(row, site)
        sys.stdout.buffer.write(msgspec.json.encode(outcome) + b"\n")
        sys.stdout.buffer.flush()
    await site.close_wards()


async def outcome_of(row: str, site: Site) -> Outcome:
    """A row that breaks says why and leaves the others their turn."""
    try:
        return Outcome(row, tuple(await ROWS[row].measure(site)))
    except Exception as error:
        traceback.print_exc()
        return Outcome(row, (), f"{type(error).__name__}: {error}"[:300])


def main() -> None:
    assignment = msgspec.json.decode(sys.stdin.buffer.read(), type=Assignment)
    if assignment.core is not None:
        os.sched_setaffinity(0, {assignment.core})
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    uvloop.run(measure(assignment))


if __name__ == "__main__":
    main()
