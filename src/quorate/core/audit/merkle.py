"""RFC 6962 Merkle tree with SHA-256: hashes, roots, inclusion and consistency proofs (RFC 9162, section 2.1).

A proof is made from complete subtrees, which a reader hands out by (level, index): the node at level l and
index i covers the leaves i·2^l up to (i+1)·2^l. Where they come from - memory, tiles, a database - is the
reader's business.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

from quorate.core.errors import QuorateError

Nodes: TypeAlias = Callable[[int, int], bytes]

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """Root over leaf hashes, in O(n)."""
    tree = CompactTree()
    for leaf in leaf_hashes:
        tree.append(leaf)
    return tree.root()


class CompactTree:
    """A tree that grows, held as the O(log n) roots of its complete subtrees (the peaks).

    `mark` remembers a size, in use the one of the last checkpoint; `consistency` then proves that the present
    tree continues the marked one, from memory alone: such a proof needs the peaks at the mark and what was
    completed since.
    """

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []  # (level, hash), levels strictly falling
        self._marked = 0
        self._since: dict[tuple[int, int], bytes] = {}  # peaks at the mark, and nodes completed since

    @classmethod
    def restore(cls, size: int, nodes: Nodes) -> "CompactTree":
        """The tree of `size` leaves from its peaks, marked at that size."""
        tree = cls()
        tree._peaks = [(level, nodes(level, index)) for level, index in peaks(size)]
        tree.size = size
        tree.mark()
        return tree

    def append(self, leaf: bytes) -> None:
        """Adds a leaf hash; O(1) on average."""
        level, index = 0, self.size
        self._since[level, index] = leaf
        while self._peaks and self._peaks[-1][0] == level:
            leaf = node_hash(self._peaks.pop()[1], leaf)
            level, index = level + 1, index >> 1
            self._since[level, index] = leaf
        self._peaks.append((level, leaf))
        self.size += 1

    def root(self) -> bytes:
        return _fold([hash for _, hash in self._peaks])

    @property
    def marked(self) -> int:
        """The size that `consistency` starts from."""
        return self._marked

    def mark(self) -> None:
        """Makes the present size the one that `consistency` starts from."""
        self._marked = self.size
        self._since = {place: hash for place, (_, hash) in zip(peaks(self.size), self._peaks, strict=True)}

    def consistency(self) -> tuple[bytes, ...]:
        """Proof from the marked size to the present one; empty when they are equal or the mark is 0."""
        if self._marked in (0, self.size):
            return ()
        return consistency_proof(self._marked, self.size, lambda level, index: self._since[level, index])


def nodes_of(leaf_hashes: Sequence[bytes]) -> Nodes:
    """A reader over leaf hashes in memory, all levels computed once: O(n) now, O(1) per node."""
    levels = [list(leaf_hashes)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)])
    return lambda level, index: levels[level][index]


def peaks(size: int) -> list[tuple[int, int]]:
    """(level, index) of the complete subtrees that make up a tree of `size` leaves, from left to right."""
    return _cover(0, size)


def inclusion_proof(index: int, size: int, nodes: Nodes) -> tuple[bytes, ...]:
    """PATH(index, D[size]) of RFC 9162, section 2.1.3.1.

    Raises QuorateError merkle_range unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise QuorateError("merkle_range", f"leaf {index} is not in a tree of {size}")
    proof: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        split = begin + _split(end - begin)
        sibling = (split, end) if index < split else (begin, split)
        proof.append(range_hash(*sibling, nodes))
        begin, end = (begin, split) if index < split else (split, end)
    return tuple(reversed(proof))


def consistency_proof(first: int, second: int, nodes: Nodes) -> tuple[bytes, ...]:
    """PROOF(first, D[second]) of RFC 9162, section 2.1.4.1; empty for equal sizes.

    Raises QuorateError merkle_range unless 0 < first <= second.
    """
    if not 0 < first <= second:
        raise QuorateError("merkle_range", f"there is no consistency proof from size {first} to {second}")
    proof: list[bytes] = []
    begin, end, whole = 0, second, True
    while first < end:
        split = begin + _split(end - begin)
        if first <= split:
            proof.append(range_hash(split, end, nodes))
            end = split
        else:
            proof.append(range_hash(begin, split, nodes))
            begin, whole = split, False
    if not whole:
        proof.append(range_hash(begin, end, nodes))
    return tuple(reversed(proof))


def range_hash(begin: int, end: int, nodes: Nodes) -> bytes:
    """MTH(D[begin:end]) where the range is a subtree of the RFC's recursion.

    So `begin` is a multiple of the smallest power of two that is not below the width.
    """
    return _fold([nodes(level, index) for level, index in _cover(begin, end)])


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """RFC 9162, section 2.1.3.2; `leaf` is a leaf hash. Raises QuorateError inclusion."""
    if not 0 <= index < size or not _hashes(leaf, root, *proof):
        raise _bad("inclusion", f"leaf {index} of {size}: sizes or hashes are out of form")
    position, last, computed = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise _bad("inclusion", "the proof is too long")
        if position & 1 or position == last:
            computed = node_hash(step, computed)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            computed = node_hash(computed, step)
        position, last = position >> 1, last >> 1
    if last != 0 or computed != root:
        raise _bad("inclusion", f"leaf {index} is not in the tree of size {size} with this root")


def verify_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> None:
    """RFC 9162, section 2.1.4.2.

    Raises QuorateError consistency. Size 0 has nothing to prove and is refused.
    """
    if not 0 < first <= second:
        raise _bad("consistency", f"there is no proof from size {first} to {second}")
    if first == second:
        if proof or first_root != second_root:
            raise _bad("consistency", "equal sizes have equal roots and an empty proof")
        return
    if not _hashes(first_root, second_root, *proof):
        raise _bad("consistency", "a root or a step of the proof is not 32 bytes")
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        raise _bad("consistency", "the proof is empty")
    old, new = _consistency_roots(first, second, path)
    if old != first_root or new != second_root:
        raise _bad("consistency", f"the tree of size {second} does not continue the one of size {first}")


def _consistency_roots(first: int, second: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The two roots that a proof leads to: steps 3 to 6 of section 2.1.4.2, with its fn, sn, fr and sr."""
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for step in path[1:]:
        if sn == 0:
            raise _bad("consistency", "the proof is too long")
        if fn & 1 or fn == sn:
            fr, sr = node_hash(step, fr), node_hash(step, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, step)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise _bad("consistency", "the proof is too short")
    return fr, sr


def _split(width: int) -> int:
    """Largest power of two smaller than `width`, which is at least 2."""
    return 1 << ((width - 1).bit_length() - 1)


def _cover(begin: int, end: int) -> list[tuple[int, int]]:
    """The complete subtrees of [begin, end) from left to right; begin is aligned to the largest of them."""
    places: list[tuple[int, int]] = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        places.append((level, begin >> level))
        begin += 1 << level
    return places


def _fold(hashes: Sequence[bytes]) -> bytes:
    """Root over the hashes of adjoining subtrees of falling size; of none, the empty tree's."""
    if not hashes:
        return EMPTY_ROOT
    folded = hashes[-1]
    for left in reversed(hashes[:-1]):
        folded = node_hash(left, folded)
    return folded


def _hashes(*values: bytes) -> bool:
    return all(len(value) == 32 for value in values)


def _bad(code: str, message: str) -> QuorateError:
    return QuorateError(code, message, "peer", "the log was altered or the proof belongs to another one")
