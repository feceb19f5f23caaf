"""The Merkle tree of RFC 6962, section 2.1: its root, and proofs that anybody can check.

A tree is given as the sequence of its leaf hashes. Hashes are 32 bytes; node hashes and leaf hashes can never be
mistaken for each other, since each begins with a byte of its own.
"""

from collections.abc import Sequence
from hashlib import sha256

__all__ = [
    "EMPTY_ROOT",
    "consistency_proof",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "root",
    "verify_consistency",
    "verify_inclusion",
]

EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node above two others."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root of the tree of these leaf hashes (RFC 6962, 2.1)."""
    if not leaves:
        return EMPTY_ROOT
    level = list(leaves)
    while len(level) > 1:
        level = _parents(level)
    return level[0]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The hashes that lead from one leaf to the root, lowest first (2.1.1); `IndexError` where no such leaf is."""
    if not 0 <= index < len(leaves):
        raise IndexError("no such leaf")
    level, proof = list(leaves), []
    while len(level) > 1:
        # The last node of an odd level has no sibling and rises as it is.
        if index ^ 1 < len(level):
            proof.append(level[index ^ 1])
        level, index = _parents(level), index // 2
    return tuple(proof)


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows that the leaf stands at this index of the tree of this size and root."""
    if not 0 <= index < size:
        return False
    last, computed, rest = size - 1, leaf, list(reversed(proof))
    while last:
        if index % 2 or index < last:
            if not rest:
                return False
            sibling = rest.pop()
            computed = node_hash(sibling, computed) if index % 2 else node_hash(computed, sibling)
        index, last = index // 2, last // 2
    return not rest and computed == root


def consistency_proof(leaves: Sequence[bytes], first: int) -> tuple[bytes, ...]:
    """The hashes that show that the tree of the first leaves grew into this one (2.1.2).

    Empty where nothing needs to be shown: at size 0 and at the full size. `IndexError` where `first` is no size.
    """
    if not 0 <= first <= len(leaves):
        raise IndexError("no such size")
    return _subproof(leaves, first, whole=True) if first else ()


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the tree of size `first` is the beginning of the tree of size `second`."""
    if not 0 <= first <= second:
        return False
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    if first == second:
        return not proof and first_root == second_root
    return _is_consistent(first, second, first_root, second_root, list(proof))


def _is_consistent(first: int, second: int, first_root: bytes, second_root: bytes, proof: list[bytes]) -> bool:
    node, last = first - 1, second - 1
    # Below the largest complete subtree both trees agree, and its root is known where `first` is a power of two.
    while node % 2:
        node, last = node // 2, last // 2
    rest = list(reversed(proof if node else [first_root, *proof]))
    if not rest:
        return False
    old = new = rest.pop()
    while last:
        if node % 2 or node < last:
            if not rest:
                return False
            sibling = rest.pop()
            if node % 2:
                old, new = node_hash(sibling, old), node_hash(sibling, new)
            else:
                new = node_hash(new, sibling)
        node, last = node // 2, last // 2
    return not rest and old == first_root and new == second_root


def _subproof(leaves: Sequence[bytes], first: int, whole: bool) -> tuple[bytes, ...]:
    size = len(leaves)
    if first == size:
        # The reader knows the root of the old tree already; it is named only where it is a part of it.
        return () if whole else (root(leaves),)
    split = 1 << (size - 1).bit_length() - 1
    if first <= split:
        return (*_subproof(leaves[:split], first, whole), root(leaves[split:]))
    return (*_subproof(leaves[split:], first - split, whole=False), root(leaves[:split]))


def _parents(level: list[bytes]) -> list[bytes]:
    pairs = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
    return [*pairs, level[-1]] if len(level) % 2 else pairs
