"""C2SP tlog-tiles of height 8: the files of a log and their paths (C2SP.org/tlog-tiles).

A tile at level L holds up to 256 hashes of complete subtrees of 256^L leaves; an entry bundle the data of up
to 256 leaves, each behind its u16 length. What is not full yet is a partial file `.p/W` of W entries,
replaced by the next width and in the end by the full file, which never changes again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from quorate.core.audit import merkle
from quorate.core.audit.merkle import Nodes
from quorate.core.errors import QuorateError

WIDTH: Final = 256
HEIGHT: Final = 8
MAX_ENTRY: Final = (1 << 16) - 1
"""Most bytes of one leaf."""

Leaves: TypeAlias = Callable[[int, int], Sequence[bytes]]
"""Data of the leaves from index `begin` up to but without `end`."""
Read: TypeAlias = Callable[[str], bytes | None]
"""Content of a file of the log's folder, by its relative path; None when there is none."""

CHECKPOINT: Final = "checkpoint"


@dataclass(frozen=True, slots=True)
class Tile:
    """One file: `width` hashes or entries from `index` x 256 on.

    `level` is 0, 1, ... for hashes and None for an entry bundle.
    """

    level: int | None
    index: int
    width: int

    @property
    def path(self) -> str:
        """`tile/<L>/<N>[.p/<W>]` with N in groups of three digits, all but the last after an x.

        Tile 1234067 is x001/x234/067.
        """
        digits = f"{self.index:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
        name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        place = "entries" if self.level is None else str(self.level)
        return f"tile/{place}/{name}" + ("" if self.width == WIDTH else f".p/{self.width}")


def tiles_of(size: int, level: int | None, begin: int = 0) -> Iterator[Tile]:
    """The tiles of one level of a tree of `size` leaves, from the one that holds entry `begin` on."""
    entries = size if level is None else size >> (HEIGHT * level)
    for index in range(begin // WIDTH, -(-entries // WIDTH)):
        yield Tile(level, index, min(WIDTH, entries - index * WIDTH))


def levels_of(size: int) -> range:
    """The levels that have at least one hash."""
    return range((size.bit_length() + HEIGHT - 1) // HEIGHT)


def changed_files(old: int, new: int, leaves: Leaves, nodes: Nodes) -> dict[str, bytes]:
    """Exactly the files that a log of `new` leaves has and one of `old` leaves had not (or less wide).

    Write them durably before the checkpoint. Raises QuorateError log_entry for a leaf longer than 65,535
    bytes.
    """
    if not 0 <= old <= new:
        raise QuorateError("merkle_range", f"a log does not go from {old} to {new} leaves", "bug")
    files: dict[str, bytes] = {}
    for tile in _changed(old, new):
        first = tile.index * WIDTH
        if tile.level is None:
            files[tile.path] = bundle(leaves(first, first + tile.width))
        else:
            level = tile.level * HEIGHT
            files[tile.path] = b"".join(nodes(level, index) for index in range(first, first + tile.width))
    return files


def superseded_files(old: int, new: int) -> list[str]:
    """The partial files of a log of `old` leaves that a checkpoint of `new` leaves no longer needs."""
    now = {tile.path for tile in _all(new)}
    return [tile.path for tile in _all_partial(old) if tile.path not in now]


def bundle(leaves: Sequence[bytes]) -> bytes:
    """An entry bundle: each leaf behind its u16 length. Raises QuorateError log_entry."""
    for leaf in leaves:
        if len(leaf) > MAX_ENTRY:
            raise QuorateError(
                "log_entry", f"a log entry has at most {MAX_ENTRY} bytes, this one {len(leaf)}", "bug"
            )
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)


def node_reader(read: Read, size: int) -> Nodes:
    """Nodes of a log of `size` leaves from its tiles. Between stored levels a node is hashed from up to 128
    entries of one tile.

    The reader raises QuorateError log_tile for a tile that is missing or has another length.
    """

    def node(level: int, index: int) -> bytes:
        stored, above = divmod(level, HEIGHT)
        first = index << above
        content = read_tile(read, size, stored, first // WIDTH)
        at = first % WIDTH * 32
        hashes = [content[i : i + 32] for i in range(at, at + (32 << above), 32)]
        return merkle.root(hashes)

    return node


def read_tile(read: Read, size: int, level: int, index: int) -> bytes:
    """The tile's hashes, concatenated. Raises QuorateError log_tile."""
    tile = next(tiles_of(size, level, index * WIDTH), None)
    if tile is None:
        raise QuorateError("log_tile", f"a log of {size} leaves has no tile {index} at level {level}", "bug")
    content = read(tile.path)
    if content is None or len(content) != 32 * tile.width:
        raise QuorateError("log_tile", f"{tile.path} is missing or is not {tile.width} hashes", "storage")
    return content


def _changed(old: int, new: int) -> Iterator[Tile]:
    """Tiles of `new` that have an entry which `old` did not have."""
    for level in (None, *levels_of(new)):
        before = old if level is None else old >> (HEIGHT * level)
        after = new if level is None else new >> (HEIGHT * level)
        if after > before:
            yield from tiles_of(new, level, before)


def _all(size: int) -> Iterator[Tile]:
    for level in (None, *levels_of(size)):
        yield from tiles_of(size, level)


def _all_partial(size: int) -> Iterator[Tile]:
    """At most one per level."""
    for level in (None, *levels_of(size)):
        entries = size if level is None else size >> (HEIGHT * level)
        if entries % WIDTH:
            yield Tile(level, entries // WIDTH, entries % WIDTH)
