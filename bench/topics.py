"""Measures topics, each in a directory of its own, and writes their rows into a section of the page of results."""

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

from bench.options import OUTPUT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from types import ModuleType

    from bench.daily import Row
    from bench.section import Section


def measure(package: ModuleType, section: Section) -> None:
    """Measure the topics of a package that the command line names: its modules with `async def rows(place)`."""
    options = command_line(package).parse_args()
    # Without this a terminated bench would leave its servers running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    for topic in options.topics or topics(package):
        print(f"{topic}:", flush=True)
        rows = measured(f"{package.__name__}.{topic}", options.directory)
        for row in rows:
            print(f"  {row.what}: {row.figure} (goal: {row.goal})", flush=True)
        page = options.output.read_text(encoding="utf-8") if options.output.exists() else ""
        options.output.write_text(section.with_topic(page, topic, rows), encoding="utf-8")


def command_line(package: ModuleType) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {package.__name__}", description=(package.__doc__ or "").strip())
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=f"of {', '.join(topics(package))} (default: all)")
    parser.add_argument("--directory", type=Path, default=Path("/var/tmp"), help="where databases lie: a real disk")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="the page whose section is written")
    return parser


def topics(package: ModuleType) -> list[str]:
    """Return the names of the modules that hold a topic."""
    files = sorted(Path(package.__path__[0]).glob("*.py"))
    return [file.stem for file in files if "\nasync def rows(" in file.read_text(encoding="utf-8")]


def measured(module: str, directory: Path) -> Sequence[Row]:
    rows = cast("Callable[[Path], Awaitable[list[Row]]]", import_module(module).rows)
    place = Path(tempfile.mkdtemp(prefix=f"{module.replace('.', '-')}-", dir=directory))
    # PostgreSQL runs as an ordinary user and must reach its own directory inside.
    place.chmod(0o755)
    try:
        return asyncio.run(whole(rows(place)))
    finally:
        shutil.rmtree(place, ignore_errors=True)


async def whole(rows: Awaitable[list[Row]]) -> list[Row]:
    return await rows
