"""`event_fields` of a filter: which properties of an event a client wants.

Appendices, "Dot-separated property paths".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

import orjson

from myelin.matrix.json import JsonObject, JsonValue

# Any literal dot or backslash found in a property name should be escaped with a backslash.
STEP = re.compile(r"(?:\\[.\\]|[^.])+")
ESCAPE = re.compile(r"\\([.\\])")


def with_fields(events: Iterable[bytes], fields: Sequence[str] | None) -> list[bytes]:
    """Return serialised events with only these fields; all of them where None."""
    if fields is None:
        return list(events)
    paths = [steps(field) for field in fields]
    return [orjson.dumps(reduced(orjson.loads(event), paths)) for event in events]


def reduced(event: JsonObject, paths: Iterable[Sequence[str]]) -> JsonObject:
    """Return an event with only what lies on these paths."""
    kept: JsonObject = {}
    for path in paths:
        copy_path(event, kept, path)
    return kept


def copy_path(source: JsonObject, target: JsonObject, path: Sequence[str]) -> None:
    """Copy what lies at the end of a path, if anything does."""
    first, *rest = path
    if first not in source:
        return
    value: JsonValue = source[first]
    if not rest:
        target[first] = value
    elif isinstance(value, dict):
        within = target.setdefault(first, {})
        if isinstance(within, dict):
            copy_path(value, within, rest)


@lru_cache(maxsize=1024)
def steps(field: str) -> tuple[str, ...]:
    """Return the property names of a path."""
    return tuple(ESCAPE.sub(r"\1", step) for step in STEP.findall(field)) or ("",)
