"""Glob patterns (Matrix specification, "Glob-style matching"), without case and in time linear in the text.

A pattern is what a stranger wrote: nothing here tries again from the start, whatever its stars.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

Matches = Callable[[str], bool]

# A word boundary is the start or the end, or any character that is none of these.
NOT_AFTER_WORD, NOT_BEFORE_WORD = "(?<![A-Za-z0-9_])", "(?![A-Za-z0-9_])"


def whole_glob(pattern: str) -> Matches:
    """Whether a lower-case text as a whole matches the pattern."""
    if not {"*", "?"} & set(pattern):
        lower = pattern.lower()
        return lambda text: text == lower
    parts = pattern.lower().split("*")
    first, last = piece(parts[0]), piece(parts[-1])
    middle = [piece(part) for part in parts[1:-1] if part]
    last_length = len(parts[-1])

    def matches(text: str) -> bool:
        begun = first.match(text)
        if begun is None:
            return False
        if len(parts) == 1:
            return begun.end() == len(text)
        position, end = after(middle, text, begun.end()), len(text) - last_length
        return position is not None and position <= end and last.fullmatch(text, end) is not None

    return matches


def word_glob(pattern: str) -> Matches:
    """Whether a part of a lower-case text that begins and ends at word boundaries matches the pattern."""
    parts = pattern.lower().split("*")
    if len(parts) == 1:
        only = piece(parts[0], NOT_AFTER_WORD, NOT_BEFORE_WORD)
        return lambda text: only.search(text) is not None
    first = piece(parts[0], NOT_AFTER_WORD) if parts[0] else piece("")
    last = piece(parts[-1], after=NOT_BEFORE_WORD) if parts[-1] else piece("")
    middle = [piece(part) for part in parts[1:-1] if part]

    def matches(text: str) -> bool:
        # The earliest place of each piece leaves the most for the next.
        begun = first.search(text)
        position = after(middle, text, begun.end()) if begun is not None else None
        return position is not None and last.search(text, position) is not None

    return matches


def piece(part: str, before: str = "", after: str = "") -> re.Pattern[str]:
    """Return what finds a piece without stars: each `?` is any one character."""
    return re.compile(before + re.escape(part).replace(r"\?", ".") + after, re.DOTALL)


def after(pieces: Sequence[re.Pattern[str]], text: str, position: int) -> int | None:
    """Return where the last of these pieces ends, each behind the one before it; None where one is missing."""
    for each in pieces:
        found = each.search(text, position)
        if found is None:
            return None
        position = found.end()
    return position
