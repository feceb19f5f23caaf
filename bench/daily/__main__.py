"""`python -m bench.daily [topic ...]`: measures each topic on a server of its own and writes its rows."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bench.daily.page import with_topic
from bench.options import OUTPUT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bench.daily import Row

# What lies here beside the topics.
OF_THE_HARNESS = ("__init__", "__main__", "hospital", "page", "site")


def main() -> None:
    options = command_line().parse_args()
    # Without this a terminated bench would leave its servers running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    for topic in options.topics or topics():
        print(f"{topic}:", flush=True)
        rows = measured(topic, options.directory)
        for row in rows:
            print(f"  {row.what}: {row.figure} (goal: {row.goal})", flush=True)
        page = options.output.read_text(encoding="utf-8") if options.output.exists() else ""
        options.output.write_text(with_topic(page, topic, rows), encoding="utf-8")


def command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.daily", description="Measures what daily use needs.")
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=f"of {', '.join(topics())} (default: all)")
    parser.add_argument("--directory", type=Path, default=Path("/var/tmp"), help="where databases lie: a real disk")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="the page whose section is written")
    return parser


def topics() -> list[str]:
    modules = sorted(file.stem for file in Path(__file__).parent.glob("*.py"))
    return [module for module in modules if module not in OF_THE_HARNESS]


def measured(topic: str, directory: Path) -> Sequence[Row]:
    rows = cast("Callable[[Path], Awaitable[list[Row]]]", import_module(f"bench.daily.{topic}").rows)
    place = Path(tempfile.mkdtemp(prefix=f"myelin-daily-{topic}-", dir=directory))
    # PostgreSQL runs as an ordinary user and must reach its own directory inside.
    place.chmod(0o755)
    try:
        return asyncio.run(whole(rows(place)))
    finally:
        shutil.rmtree(place, ignore_errors=True)


async def whole(rows: Awaitable[list[Row]]) -> list[Row]:
    return await rows


if __name__ == "__main__":
    main()
