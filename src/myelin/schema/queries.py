"""Named, described SQL: a `.sql` file beside the module that uses it, read once when the package is built.

-- room_number --
-- What the query is for.
SELECT ...
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files

HEADING = re.compile(r"^-- (\w+) --$", re.MULTILINE)


class Queries:
    """The queries of one file, by name."""

    def __init__(self, by_name: Mapping[str, str]) -> None:
        self._by_name = by_name

    def __getitem__(self, name: str) -> str:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)


def load_queries(package: str, file_name: str = "queries.sql") -> Queries:
    """Return the queries of a package's file."""
    parts = HEADING.split(files(package).joinpath(file_name).read_text("utf-8"))
    return Queries(dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True)))
