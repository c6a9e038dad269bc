"""Paths, widths, and that a log written step by step is the log written at once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.core.audit import merkle, tiles
from quorate.core.audit.tiles import Tile
from quorate.core.errors import QuorateError

LEAVES = [str(number).encode() * (number % 7) for number in range(700)]
HASHES = [merkle.leaf_hash(leaf) for leaf in LEAVES]
NODES = merkle.nodes_of(HASHES)


def changed(old: int, new: int) -> dict[str, bytes]:
    return tiles.changed_files(old, new, lambda a, b: LEAVES[a:b], NODES)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0, 256), "tile/0/000"),
        (Tile(0, 0, 1), "tile/0/000.p/1"),
        (Tile(1, 67, 255), "tile/1/067.p/255"),
        (Tile(2, 999, 256), "tile/2/999"),
        (Tile(None, 1000, 256), "tile/entries/x001/000"),
        (Tile(0, 1234067, 256), "tile/0/x001/x234/067"),
        (Tile(None, 1234067, 8), "tile/entries/x001/x234/067.p/8"),
    ],
)
def test_paths(tile: Tile, path: str) -> None:
    """The examples of C2SP.org/tlog-tiles."""
    assert tile.path == path


def test_files_of_sizes_around_a_tile() -> None:
    assert changed(0, 0) == {}
    assert set(changed(0, 1)) == {"tile/entries/000.p/1", "tile/0/000.p/1"}
    assert set(changed(0, 255)) == {"tile/entries/000.p/255", "tile/0/000.p/255"}
    assert set(changed(0, 256)) == {"tile/entries/000", "tile/0/000", "tile/1/000.p/1"}
    assert set(changed(0, 257)) == {*changed(0, 256), "tile/entries/001.p/1", "tile/0/001.p/1"}
    assert set(changed(256, 257)) == {"tile/entries/001.p/1", "tile/0/001.p/1"}
    assert set(changed(255, 257)) == {*changed(0, 257)}
    assert set(changed(5, 5)) == set()
    assert len(changed(0, 700)) == 7
    assert list(tiles.levels_of(0)) == []
    assert [len(tiles.levels_of(n)) for n in (1, 255, 256, 65_535, 65_536)] == [1, 1, 2, 2, 3]


@settings(max_examples=40)
@given(st.lists(st.integers(0, 700), max_size=6).map(sorted))
def test_step_by_step_is_at_once(sizes: list[int]) -> None:
    """Only new files are written, nothing full is written again, and the rest is superseded."""
    folder: dict[str, bytes] = {}
    old = 0
    for new in sizes:
        written = changed(old, new)
        assert not any(path in folder for path in written)
        folder |= written
        for path in tiles.superseded_files(old, new):
            del folder[path]
        assert folder == changed(0, new)
        old = new


def test_bundles_hold_the_entries() -> None:
    for size in (1, 256, 300):
        folder = changed(0, size)
        content = b"".join(folder[tile.path] for tile in tiles.tiles_of(size, None))
        assert content == b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in LEAVES[:size])


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 700])
def test_nodes_and_proofs_from_tiles(size: int) -> None:
    folder = changed(0, size)
    nodes = tiles.node_reader(folder.get, size)
    for level in range(size.bit_length()):
        for index in {0, (size >> level) - 1}:
            assert nodes(level, index) == NODES(level, index)
    root = merkle.root(HASHES[:size])
    for index in {0, size // 2, size - 1}:
        merkle.verify_inclusion(HASHES[index], index, size, merkle.inclusion_proof(index, size, nodes), root)
    for first in {1, max(1, size // 3), size}:
        proof = merkle.consistency_proof(first, size, nodes)
        merkle.verify_consistency(first, size, merkle.root(HASHES[:first]), root, proof)
    tree = merkle.CompactTree.restore(size, nodes)
    assert tree.root() == root


def test_three_levels() -> None:
    """65,537 leaves: a node above two full levels comes from the tile at level 2."""
    hashes = [number.to_bytes(32, "big") for number in range(65_537)]
    nodes = merkle.nodes_of(hashes)
    folder = tiles.changed_files(65_000, 65_537, lambda a, b: [b""] * (b - a), nodes)
    assert set(folder) == {
        "tile/entries/253", "tile/entries/254", "tile/entries/255", "tile/entries/256.p/1",
        "tile/0/253", "tile/0/254", "tile/0/255", "tile/0/256.p/1", "tile/1/000", "tile/2/000.p/1",
    }  # fmt: skip
    assert folder["tile/2/000.p/1"] == nodes(16, 0)
    assert tiles.node_reader(folder.get, 65_537)(15, 1) == nodes(15, 1)


def test_what_is_refused() -> None:
    with pytest.raises(QuorateError) as error:
        changed(2, 1)
    assert error.value.code == "merkle_range"
    with pytest.raises(QuorateError) as error:
        tiles.bundle([bytes(65_536)])
    assert error.value.code == "log_entry"
    folder = changed(0, 300)
    for content in (None, b"", folder["tile/0/000"][:-1], folder["tile/0/000"] + b"\x00"):
        with pytest.raises(QuorateError) as error:
            tiles.node_reader(lambda _, content=content: content, 300)(0, 1)  # type: ignore[misc]
        assert error.value.code == "log_tile"
    with pytest.raises(QuorateError):
        tiles.node_reader(folder.get, 300)(0, 600)
