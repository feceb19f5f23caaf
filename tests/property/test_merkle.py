from hypothesis import given
from hypothesis import strategies as st

from myelin.merkle.tree import (
    EMPTY_ROOT,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

entries = st.lists(st.binary(max_size=4), max_size=70)
hashes = st.binary(min_size=32, max_size=32)


def defined_root(leaves: list[bytes]) -> bytes:
    """The root as RFC 6962 defines it: split at the largest power of two below the size."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(defined_root(leaves[:split]), defined_root(leaves[split:]))


def leaves_of(values: list[bytes]) -> list[bytes]:
    return [leaf_hash(value) for value in values]


def altered(proof: tuple[bytes, ...], choice: st.DataObject, known: bytes) -> tuple[bytes, ...]:
    """The proof with one hash changed, dropped or added."""
    place = choice.draw(st.integers(0, len(proof)))
    rest = choice.draw(st.sampled_from([place, place + 1]))
    return (
        (*proof[:place], known, *proof[rest:]) if choice.draw(st.booleans()) else (*proof[:place], *proof[place + 1 :])
    )


@given(entries)
def test_the_root_is_as_defined(values: list[bytes]) -> None:
    leaves = leaves_of(values)
    assert root(leaves) == defined_root(leaves)


@given(entries.filter(bool), st.data())
def test_every_leaf_can_be_shown_at_its_place_only(values: list[bytes], choice: st.DataObject) -> None:
    leaves = leaves_of(values)
    index, other = (choice.draw(st.integers(0, len(leaves) - 1)) for _ in range(2))
    proof, whole = inclusion_proof(leaves, index), root(leaves)
    assert verify_inclusion(leaves[index], index, len(leaves), proof, whole)
    assert len(proof) <= max(len(leaves) - 1, 0).bit_length()
    if other != index:
        assert not verify_inclusion(leaves[index], other, len(leaves), proof, whole) or proof == inclusion_proof(
            leaves, other
        )
    assert not verify_inclusion(choice.draw(hashes), index, len(leaves), proof, whole)


@given(entries.filter(bool), hashes, st.data())
def test_an_altered_inclusion_proof_shows_nothing(values: list[bytes], known: bytes, choice: st.DataObject) -> None:
    leaves = leaves_of(values)
    index = choice.draw(st.integers(0, len(leaves) - 1))
    proof = inclusion_proof(leaves, index)
    changed = altered(proof, choice, known)
    assert verify_inclusion(leaves[index], index, len(leaves), changed, root(leaves)) == (changed == proof)


@given(entries, st.data())
def test_a_tree_that_only_grew_can_be_shown_to(values: list[bytes], choice: st.DataObject) -> None:
    leaves = leaves_of(values)
    first = choice.draw(st.integers(0, len(leaves)))
    proof = consistency_proof(leaves, first)
    assert verify_consistency(first, len(leaves), root(leaves[:first]), root(leaves), proof)


@given(entries.filter(bool), hashes, st.data())
def test_another_past_or_proof_shows_nothing(values: list[bytes], known: bytes, choice: st.DataObject) -> None:
    leaves = leaves_of(values)
    first = choice.draw(st.integers(1, len(leaves)))
    proof, past, whole = consistency_proof(leaves, first), root(leaves[:first]), root(leaves)
    rewritten = leaves[:first]
    rewritten[choice.draw(st.integers(0, first - 1))] = known
    assert not verify_consistency(first, len(leaves), root(rewritten), whole, proof)
    assert not verify_consistency(first, len(leaves), past, known, proof)
    changed = altered(proof, choice, known)
    assert verify_consistency(first, len(leaves), past, whole, changed) == (changed == proof)
