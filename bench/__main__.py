"""`python -m bench`: measures and writes `bench/RESULTS.md`."""

from __future__ import annotations

import shlex
import signal
import sys

from bench import machine
from bench.campaign import run
from bench.options import Options, parse
from bench.report import Circumstances, report
from bench.results import Results
from bench.section import with_sections_of


def main() -> None:
    options = parse(sys.argv[1:])
    for server in options.servers:
        server.install()
    # Without this a terminated bench would leave its servers running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    circumstances, results = circumstances_of(options), Results()
    earlier = options.output.read_text(encoding="utf-8") if options.output.exists() else ""
    for _ in run(options, results):
        page = with_sections_of(earlier, report(results, circumstances))
        options.output.write_text(page, encoding="utf-8")
    print(f"written: {options.output}")


def circumstances_of(options: Options) -> Circumstances:
    return Circumstances(
        date=options.date,
        command=shlex.join(["python", "-m", "bench", *sys.argv[1:]]),
        rounds=options.rounds,
        durations=options.durations,
        durations_of_peers=options.durations_of_peers,
        machine=tuple(machine.describe()),
        versions=tuple((server.name, server.version()) for server in options.servers),
    )


if __name__ == "__main__":
    main()
