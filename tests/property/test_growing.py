"""A mapping that grows is the dictionary that it stands for, and whoever holds it as it was keeps it so."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from myelin.state.growing import RECENT_LIMIT, SMALL, Grown, with_item

KEYS = st.integers(0, SMALL * 2)


@given(st.integers(0, SMALL + 20), st.lists(st.tuples(KEYS, st.integers()), max_size=RECENT_LIMIT * 3))
def test_it_is_the_dictionary_that_it_stands_for(size: int, items: list[tuple[int, int]]) -> None:
    mapping: Mapping[int, int] = dict.fromkeys(range(size), -1)
    expected = dict(mapping)
    for key, value in items:
        before, copy = mapping, dict(mapping)
        mapping = with_item(mapping, key, value)
        expected[key] = value
        assert before == copy
    assert mapping == expected
    assert expected == mapping
    assert list(mapping.items()) == list(expected.items())
    assert len(mapping) == len(expected)
    assert all((mapping.get(key), key in mapping) == (expected.get(key), key in expected) for key in range(SMALL * 2))


def test_a_large_one_is_not_copied_for_one_more_item() -> None:
    mapping: Mapping[int, int] = dict.fromkeys(range(SMALL), 0)
    grown = with_item(mapping, -1, 1)
    assert isinstance(grown, Grown)
    assert grown != mapping
    assert grown != dict.fromkeys(range(SMALL + 1), 0)
