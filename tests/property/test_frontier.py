from hypothesis import given
from hypothesis import strategies as st

from myelin.merkle.frontier import Frontier
from myelin.merkle.tree import leaf_hash, root


@given(st.lists(st.binary(max_size=4), max_size=140))
def test_the_root_is_that_of_all_leaves_at_every_size(values: list[bytes]) -> None:
    frontier, leaves = Frontier(), [leaf_hash(value) for value in values]
    for size, leaf in enumerate(leaves):
        assert (frontier.size, frontier.root()) == (size, root(leaves[:size]))
        frontier.append(leaf)
    assert (frontier.size, frontier.root()) == (len(leaves), root(leaves))
