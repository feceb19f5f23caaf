"""The visible stretches of a history say for each position what the rule of visibility says for it."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from myelin.rules.visibility import HISTORY_VISIBILITIES, MembershipInterval, visible
from myelin.sync.history_facts import VisibilitySet, visibilities_around
from myelin.sync.visible_ranges import contains, visible_ranges

UPTO = 30
POSITIONS = st.integers(0, UPTO + 5)
CHANGES = st.dictionaries(POSITIONS, st.sampled_from(HISTORY_VISIBILITIES), max_size=5).map(
    lambda found: [VisibilitySet(position, found[position]) for position in sorted(found)]
)


@st.composite
def memberships(draw: st.DrawFn) -> list[MembershipInterval]:
    """Memberships that follow each other without a gap, the last of them still open."""
    edges = sorted(draw(st.sets(POSITIONS, max_size=5)))
    kinds = [draw(st.sampled_from(["join", "invite", "leave", "ban", "knock"])) for _ in edges]
    ends = [*edges, None][1:]
    return [MembershipInterval(kind, start, end) for kind, start, end in zip(kinds, edges, ends, strict=True)]


@given(CHANGES, memberships())
def test_the_ranges_hold_what_is_visible_and_nothing_else(
    changes: Sequence[VisibilitySet], intervals: Sequence[MembershipInterval]
) -> None:
    ranges = visible_ranges(changes, intervals, UPTO)
    for position in range(UPTO + 1):
        expected = visible(position, visibilities_around(changes, position), intervals)
        assert contains(ranges, position) is expected, position
    assert not contains(ranges, UPTO + 1)


@given(CHANGES, memberships())
def test_the_ranges_stand_in_order_and_apart(
    changes: Sequence[VisibilitySet], intervals: Sequence[MembershipInterval]
) -> None:
    ranges = visible_ranges(changes, intervals, UPTO)
    assert all(first <= last for first, last in ranges)
    assert all(before[1] + 1 < after[0] for before, after in pairwise(ranges))


def test_who_was_never_here_sees_nothing() -> None:
    assert visible_ranges((), (), UPTO) == []


def test_a_world_readable_room_is_one_range() -> None:
    assert visible_ranges([VisibilitySet(0, "world_readable")], (), UPTO) == [(0, UPTO)]
