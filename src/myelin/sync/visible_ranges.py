"""The stretches of a room's history that a person may see.

Between two changes of a membership or of the history visibility nothing about visibility changes, so a few ranges of
positions say it for every event, and a page is read without looking at what is not shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from myelin.rules.visibility import MembershipInterval, visible
from myelin.sync.history_facts import VisibilitySet, visibilities_around

Ranges = Sequence[tuple[int, int]]


def visible_ranges(
    changes: Sequence[VisibilitySet], memberships: Sequence[MembershipInterval], upto: int
) -> list[tuple[int, int]]:
    """Return the visible positions in [0, upto] as (first, last), oldest first, with gaps between them."""
    ranges: list[tuple[int, int]] = []
    for first, last in stretches(edges(changes, memberships, upto), upto):
        if not visible(first, visibilities_around(changes, first), memberships):
            continue
        if ranges and ranges[-1][1] == first - 1:
            ranges[-1] = (ranges[-1][0], last)
        else:
            ranges.append((first, last))
    return ranges


def edges(changes: Sequence[VisibilitySet], memberships: Sequence[MembershipInterval], upto: int) -> list[int]:
    """Return the positions at which something about visibility changes, in order."""
    found = {change.position for change in changes}
    found |= {each.from_position for each in memberships}
    found |= {each.to_position for each in memberships if each.to_position is not None}
    return sorted(position for position in found if 0 <= position <= upto)


def stretches(positions: Sequence[int], upto: int) -> Iterator[tuple[int, int]]:
    """Yield [0, upto] as the given positions, each alone, and what lies between them."""
    first = 0
    for position in positions:
        if first < position:
            yield first, position - 1
        yield position, position
        first = position + 1
    if first <= upto:
        yield first, upto


def contains(ranges: Ranges, position: int) -> bool:
    """Whether a position lies in one of the ranges."""
    return any(first <= position <= last for first, last in ranges)
