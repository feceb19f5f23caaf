"""Mappings that grow by one item at a time, for ever, without a whole copy each time.

A room of twenty thousand people changes with every join, and whoever holds the room as it was keeps it. So a large
mapping is a base that many share, and the few items that came since.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

SMALL = 512
RECENT_LIMIT = 128


def with_item(mapping: Mapping[Key, Value], key: Key, value: Value) -> Mapping[Key, Value]:
    """Return the mapping with one item set; what was given stays as it is."""
    if isinstance(mapping, Grown):
        return mapping.with_item(key, value)
    if len(mapping) < SMALL:
        return {**mapping, key: value}
    return Grown(mapping, {key: value})


class Grown(Mapping[Key, Value], Generic[Key, Value]):
    """A base with later items over it. Neither is ever changed; equal to any mapping with the same items."""

    __slots__ = ("_added", "_base", "_later")

    def __init__(self, base: Mapping[Key, Value], later: Mapping[Key, Value]) -> None:
        self._base = base
        self._later = later
        self._added = sum(key not in base for key in later)

    def with_item(self, key: Key, value: Value) -> Grown[Key, Value]:
        """Return the same with one item set."""
        later = {**self._later, key: value}
        return Grown(self._base, later) if len(later) < RECENT_LIMIT else Grown({**self._base, **later}, {})

    def __getitem__(self, key: Key) -> Value:
        found = self._later.get(key)
        return self._base[key] if found is None else found

    def __contains__(self, key: object) -> bool:
        return key in self._later or key in self._base

    def items(self) -> ItemsView[Key, Value]:
        # To walk all of it, one copy made in C costs an eighth of looking each key up in both.
        return {**self._base, **self._later}.items()

    def __iter__(self) -> Iterator[Key]:
        yield from self._base
        yield from (key for key in self._later if key not in self._base)

    def __len__(self) -> int:
        return len(self._base) + self._added
