"""The root of a tree that grows leaf by leaf, without keeping its leaves (RFC 6962, section 2.1)."""

from functools import reduce

from myelin.merkle.tree import EMPTY_ROOT, node_hash

__all__ = ["Frontier"]


class Frontier:
    """The complete subtrees of the leaves so far, largest first: as many hashes as `size` has bits set."""

    __slots__ = ("_subtrees", "size")

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash on the right."""
        node, size = leaf, self.size
        # Each subtree that this leaf completes swallows its left neighbour of the same size.
        while size % 2:
            node, size = node_hash(self._subtrees.pop(), node), size // 2
        self._subtrees.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._subtrees:
            return EMPTY_ROOT
        return reduce(lambda right, left: node_hash(left, right), reversed(self._subtrees))
