"""Reading a log folder piece by piece; what cannot be read is a fault with its file and entry."""

from collections.abc import Iterator
from dataclasses import dataclass

from quorate.core.audit import merkle, tiles
from quorate.core.audit.tiles import WIDTH, Read, Tile
from quorate.core.errors import QuorateError


@dataclass(frozen=True, slots=True)
class Fault:
    """What is bad first: the file, the entry where it is one, a stable code and the reason in words.

    Codes: checkpoint_missing, checkpoint_form, checkpoint_signature, checkpoint_origin, root, tile_missing,
    tile_hash, bundle_missing, bundle_form, entry_hash, entry_form, entry_place, partial.
    """

    path: str
    entry: int | None
    code: str
    message: str


class Found(Exception):
    def __init__(self, path: str, code: str, message: str, entry: int | None = None) -> None:
        super().__init__(message)
        self.fault = Fault(path, entry, code, message)


def entries(read: Read, size: int, begin: int = 0) -> Iterator[bytes]:
    """Data of the leaves from `begin` on.

    Raises QuorateError log_entry at a bundle that does not hold them.
    """
    try:
        for tile in tiles.tiles_of(size, None, begin):
            for index, leaf in enumerate(bundle(read, tile), tile.index * WIDTH):
                if index >= begin:
                    yield leaf
    except Found as found:
        raise QuorateError("log_entry", f"{found.fault.path}: {found.fault.message}", "storage") from None


def gather(hashes: Iterator[bytes]) -> tuple[bytes, Found | None]:
    """All hashes up to the first fault."""
    found = bytearray()
    try:
        for piece in hashes:
            found += piece
    except Found as fault:
        return bytes(found), fault
    return bytes(found), None


def stored_hashes(read: Read, size: int, level: int) -> Iterator[bytes]:
    for tile in tiles.tiles_of(size, level):
        content = read(tile.path)
        if content is None or len(content) != 32 * tile.width:
            raise Found(tile.path, "tile_missing", f"there is no tile of {tile.width} hashes")
        yield content


def entry_hashes(read: Read, size: int) -> Iterator[bytes]:
    for tile in tiles.tiles_of(size, None):
        for leaf in bundle(read, tile):
            yield merkle.leaf_hash(leaf)


def bundle(read: Read, tile: Tile) -> Iterator[bytes]:
    """The entries of a bundle, one by one, so that what precedes damage is still compared."""
    content = read(tile.path)
    if content is None:
        raise Found(tile.path, "bundle_missing", "there is no entry bundle")
    at = 0
    for index in range(tile.index * WIDTH, tile.index * WIDTH + tile.width):
        end = at + 2 + int.from_bytes(content[at : at + 2], "big")
        if at + 2 > len(content) or end > len(content):
            raise Found(tile.path, "bundle_form", f"entry {index}: the bundle ends within it", index)
        yield content[at + 2 : end]
        at = end
    if at != len(content):
        raise Found(tile.path, "bundle_form", f"{len(content) - at} bytes behind the last entry")
