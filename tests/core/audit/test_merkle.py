"""The tree against the vectors of transparency-dev, against the RFC's recursion, and while it grows."""

import base64
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.audit import merkle
from quorate.core.audit.merkle import CompactTree, leaf_hash, node_hash, nodes_of
from quorate.core.errors import QuorateError
from tests.core.vectors import third_party

LEAVES = [leaf_hash(str(number).encode()) for number in range(300)]


def mth(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word; leaves are hashes."""
    if not leaves:
        return merkle.EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(mth(leaves[:k]), mth(leaves[k:]))


def refused(call: Callable[[], None]) -> str:
    try:
        call()
    except QuorateError as error:
        return error.code
    return ""


def test_inclusion_vectors() -> None:
    document = third_party("audit/rfc6962-inclusion.json")
    valid = 0
    for case in document["cases"]:
        leaf, root, *proof = (
            base64.b64decode(x) for x in (case["leafHash"], case["root"], *(case["proof"] or []))
        )
        code = refused(lambda: merkle.verify_inclusion(leaf, case["leafIdx"], case["treeSize"], proof, root))  # noqa: B023
        assert code == ("inclusion" if case["wantErr"] else ""), case["name"]
        valid += not case["wantErr"]
    assert (len(document["cases"]), valid) == (document["count"], document["count_valid"]) == (98, 6)


def test_consistency_vectors() -> None:
    document = third_party("audit/rfc6962-consistency.json")
    valid = 0
    for case in document["cases"]:
        one, two, *proof = (
            base64.b64decode(x) for x in (case["root1"], case["root2"], *(case["proof"] or []))
        )
        code = refused(lambda: merkle.verify_consistency(case["size1"], case["size2"], one, two, proof))  # noqa: B023
        assert code == ("consistency" if case["wantErr"] else ""), case["name"]
        valid += not case["wantErr"]
    assert (len(document["cases"]), valid) == (document["count"], document["count_valid"]) == (98, 6)


def test_roots_are_the_recursion_of_the_rfc() -> None:
    tree = CompactTree()
    for size in range(len(LEAVES)):
        assert tree.root() == merkle.root(LEAVES[:size]) == mth(LEAVES[:size])
        tree.append(LEAVES[size])
    assert merkle.root([]) == merkle.EMPTY_ROOT


def test_every_inclusion_proof_of_small_trees() -> None:
    count = 0
    for size in range(1, 34):
        nodes, root = nodes_of(LEAVES[:size]), merkle.root(LEAVES[:size])
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, nodes)
            merkle.verify_inclusion(LEAVES[index], index, size, proof, root)
            for wrong in (index + 1, size):
                assert refused(lambda: merkle.verify_inclusion(LEAVES[index], wrong, size, proof, root))  # noqa: B023
            count += 1
    assert count == 33 * 34 // 2


def test_every_consistency_proof_of_small_trees() -> None:
    """From a reader over all nodes and from the growing tree's memory: the same proof, and it holds."""
    count = 0
    for second in range(1, 66):
        nodes, new = nodes_of(LEAVES[:second]), merkle.root(LEAVES[:second])
        for first in range(1, second + 1):
            proof = merkle.consistency_proof(first, second, nodes)
            merkle.verify_consistency(first, second, merkle.root(LEAVES[:first]), new, proof)
            assert grown(first, second).consistency() == proof
            count += 1
    assert count == 65 * 66 // 2


def grown(first: int, second: int) -> CompactTree:
    tree = CompactTree()
    for leaf in LEAVES[:first]:
        tree.append(leaf)
    tree.mark()
    for leaf in LEAVES[first:second]:
        tree.append(leaf)
    return tree


@given(st.integers(1, 299), st.integers(1, 299), st.integers(0, 40), st.integers(0, 255))
def test_a_changed_proof_is_refused(one: int, other: int, at: int, bit: int) -> None:
    first, second = sorted((one, other))
    nodes, old, new = nodes_of(LEAVES[:second]), merkle.root(LEAVES[:first]), merkle.root(LEAVES[:second])
    proof = list(merkle.consistency_proof(first, second, nodes))
    for wrong in (proof[:-1], [*proof, new]):
        assert wrong == proof or refused(lambda: merkle.verify_consistency(first, second, old, new, wrong))  # noqa: B023
    if proof:
        changed = bytearray(proof[at % len(proof)])
        changed[bit // 8] ^= 1 << bit % 8
        proof[at % len(proof)] = bytes(changed)
        assert refused(lambda: merkle.verify_consistency(first, second, old, new, proof))


@given(st.integers(0, 299), st.integers(0, 40))
def test_a_restored_tree_goes_on_as_the_other_one(size: int, more: int) -> None:
    tree = CompactTree.restore(size, nodes_of(LEAVES[:size]))
    assert (tree.size, tree.marked, tree.root()) == (size, size, merkle.root(LEAVES[:size]))
    for leaf in LEAVES[size : size + more]:
        tree.append(leaf)
    assert tree.root() == merkle.root(LEAVES[: size + more])
    assert tree.consistency() == grown(size, size + more).consistency()


def test_a_proof_is_read_from_few_nodes() -> None:
    """2^60 leaves: the cost is the height, not the size."""
    asked: list[tuple[int, int]] = []

    def node(level: int, index: int) -> bytes:
        asked.append((level, index))
        return bytes(32)

    assert len(merkle.consistency_proof(2**60 - 3, 2**60 + 5, node)) < 65
    assert len(merkle.inclusion_proof(12345, 2**60 + 5, node)) < 65
    assert len(asked) < 200


def test_memory_does_not_grow_with_marks() -> None:
    tree = CompactTree()
    for number in range(5000):
        tree.append(number.to_bytes(32, "big"))
        tree.mark()
        assert len(tree._since) + len(tree._peaks) < 30


@pytest.mark.parametrize(("first", "second"), [(0, 1), (2, 1), (-1, 1), (0, 0)])
def test_sizes_without_a_proof(first: int, second: int) -> None:
    assert refused(lambda: void(merkle.consistency_proof(first, second, nodes_of(LEAVES)))) == "merkle_range"


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 1)])
def test_leaves_that_are_not_there(index: int, size: int) -> None:
    assert refused(lambda: void(merkle.inclusion_proof(index, size, nodes_of(LEAVES)))) == "merkle_range"


def void(_: object) -> None:
    """Drops a value."""
