"""What a store asks of a database: steps of named queries that happen together, or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Protocol

Value = str | int | bytes | None
Row = Sequence[Value]
# The name of a query and its values.
Step = tuple[str, tuple[Value, ...]]


class StoreUnavailable(Exception):
    """The database did not do it, or nobody can tell whether it did: ask again."""


class Database(Protocol):
    """Runs steps in order, in one transaction.

    When `run` returns, what it wrote is on disk; when it raises StoreUnavailable, nothing was written, or the
    answer was lost. May be called by many at once.
    """

    async def run(self, steps: Sequence[Step]) -> Sequence[Sequence[Row]]: ...
    async def close(self) -> None: ...


def named_queries(file: str) -> Mapping[str, str]:
    """Return the queries of a file of this package, by name, in the order in which they stand there."""
    text = files(__package__).joinpath(file).read_text(encoding="utf-8")
    queries: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("-- ") and line.endswith(" --"):
            name = line[3:-3]
            queries[name] = []
        elif name and not line.startswith("--"):
            queries[name].append(line)
    return {each: "\n".join(lines).strip().rstrip(";") for each, lines in queries.items()}
