"""Verification of a signer's log folder, offline: names the first bad entry or file.

Three things must lead to the root that the log key signed: the entries, the stored leaf hashes, and the
hashes above them. Where one of entries and leaf hashes does not, the other tells which file and which entry
were altered.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from quorate.core.audit import checkpoint as notes
from quorate.core.audit import merkle, tiles
from quorate.core.audit.events import Event
from quorate.core.audit.folder import Fault, Found, bundle, entry_hashes, gather, stored_hashes
from quorate.core.audit.tiles import CHECKPOINT, WIDTH, Read, Tile
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Charter


@dataclass(frozen=True, slots=True)
class Report:
    """`fault` is None when the log is whole.

    `unchecked`: files that the checkpoint does not cover (newer, or strangers).
    """

    origin: str
    size: int
    root: bytes
    fault: Fault | None
    unchecked: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return self.fault is None


def verify_directory_files(read: Read, charter: Charter, signer: str, *, names: Iterable[str] = ()) -> Report:
    """Verifies the log of `signer` under the log key of the charter.

    `names` are the files of the folder, if they can be listed: then superseded partial files are checked too,
    and strangers reported. Raises QuorateError unknown_signer.
    """
    member = charter.signer(signer)
    if member is None:
        raise QuorateError("unknown_signer", f"{signer} is not a signer of this charter")
    origin = notes.origin(charter.cluster, signer)
    size, root = 0, merkle.EMPTY_ROOT
    try:
        head = _checkpoint(read, notes.Verifier(origin, member.log_key))
        size, root = head.size, head.root
        _Log(read, size, root).check()
        _check_leaves(read, size, charter.cluster, signer)
        return Report(origin, size, root, None, _check_others(read, size, names))
    except Found as found:
        return Report(origin, size, root, found.fault)


def _checkpoint(read: Read, verifier: notes.Verifier) -> notes.Checkpoint:
    note = read(CHECKPOINT)
    if note is None:
        raise Found(CHECKPOINT, "checkpoint_missing", "there is no checkpoint")
    try:
        return notes.verify(note, verifier)
    except QuorateError as error:
        raise Found(CHECKPOINT, error.code, error.message) from None


class _Log:
    """Leaf hashes from both places, 32-byte hashes in a row, each with the fault that ended it early."""

    def __init__(self, read: Read, size: int, root: bytes) -> None:
        self._read, self._size, self._root = read, size, root
        self._stored, self._stored_fault = gather(stored_hashes(read, size, 0))
        self._entries, self._entries_fault = gather(entry_hashes(read, size))

    def check(self) -> None:
        """Raises Found at the first file or entry that does not lead to the root."""
        stored_good = self._stored_fault is None and _root(self._stored) == self._root
        entries_good = self._entries_fault is None and _root(self._entries) == self._root
        if stored_good and not entries_good:
            self._raise_entry("its hash is not the one the checkpoint stands for")
        if entries_good and not stored_good:
            self._raise_tile()
        if not entries_good:
            self._raise_unknown()
        _check_upper_tiles(self._read, self._size, self._stored)

    def _raise_entry(self, why: str) -> None:
        at = _first_difference(self._stored, self._entries)
        if self._entries_fault is not None and (at is None or at >= len(self._entries) // 32):
            raise self._entries_fault
        if at is not None:
            raise Found(_path(self._size, None, at), "entry_hash", f"entry {at}: {why}", at)

    def _raise_tile(self) -> None:
        at = _first_difference(self._stored, self._entries)
        if self._stored_fault is not None and (at is None or at >= len(self._stored) // 32):
            raise self._stored_fault
        if at is not None:
            message = f"the stored hash of entry {at} is not the entry's"
            raise Found(_path(self._size, 0, at), "tile_hash", message, at)

    def _raise_unknown(self) -> None:
        """Neither leads to the root: entries and hashes were changed, or the log was cut or continued."""
        if self._stored_fault is not None:
            raise self._stored_fault
        self._raise_entry("it disagrees with its stored hash, and neither leads to the signed root")
        _check_upper_tiles(self._read, self._size, self._stored)
        raise Found(
            CHECKPOINT, "root", "entries and hashes agree with each other, but not with the signed root"
        )


def _check_upper_tiles(read: Read, size: int, stored: bytes) -> None:
    """Each tile above the leaf hashes holds the roots of the full tiles below it."""
    below = stored
    for level in tiles.levels_of(size)[1:]:
        step = 32 * WIDTH
        above = b"".join(_root(below[i : i + step]) for i in range(0, len(below) - step + 1, step))
        content, fault = gather(stored_hashes(read, size, level))
        at = _first_difference(above, content)
        if at is not None:
            if fault is not None and at >= len(content) // 32:
                raise fault
            message = f"hash {at % WIDTH} is not the root of the tile below it"
            raise Found(_path(size, level, at), "tile_hash", message)
        below = above


def _check_leaves(read: Read, size: int, cluster: str, signer: str) -> None:
    """Every leaf is an event of this signer's log, in its place."""
    for tile in tiles.tiles_of(size, None):
        for index, leaf in enumerate(bundle(read, tile), tile.index * WIDTH):
            try:
                event = Event.from_leaf(leaf)
            except QuorateError as error:
                raise Found(tile.path, "entry_form", f"entry {index}: {error.message}", index) from None
            if (event.cluster, event.signer, event.index) != (cluster, signer, index):
                raise Found(
                    tile.path,
                    "entry_place",
                    f"entry {index} is event {event.index} of {event.signer} in cluster {event.cluster}",
                    index,
                )


def _check_others(read: Read, size: int, names: Iterable[str]) -> tuple[str, ...]:
    """Superseded partial files must be beginnings of what replaced them.

    Returns the files that are nothing of the log.
    """
    present = {
        tile.path: tile for level in (None, *tiles.levels_of(size)) for tile in tiles.tiles_of(size, level)
    }
    unchecked: list[str] = []
    for name in sorted(names):
        if name == CHECKPOINT or name in present:
            continue
        whole = _superseded_by(name, present)
        if whole is None:
            unchecked.append(name)
        else:
            _check_partial(read, name, whole)
    return tuple(unchecked)


def _superseded_by(name: str, present: dict[str, Tile]) -> Tile | None:
    """The present file of which `name` is an earlier, less wide version."""
    stem, partial, text = name.partition(".p/")
    if not partial or not text.isdecimal() or not 0 < (width := int(text)) < WIDTH or str(width) != text:
        return None
    for tile in (present.get(stem), *(present.get(f"{stem}.p/{w}") for w in range(width + 1, WIDTH))):
        if tile is not None:
            return tile
    return None


def _check_partial(read: Read, name: str, whole: Tile) -> None:
    """An earlier version has exactly its number of entries and is the beginning of the later one."""
    part = Tile(whole.level, whole.index, int(name.rpartition("/")[2]))
    content = read(name) or b""
    if part.level is None:
        for _ in bundle(lambda _: content, part):
            pass
    elif len(content) != 32 * part.width:
        raise Found(name, "partial", f"it does not hold {part.width} hashes")
    if not (read(whole.path) or b"").startswith(content):
        raise Found(name, "partial", f"it is not the beginning of {whole.path}")


def _first_difference(left: bytes, right: bytes) -> int | None:
    """Index of the first hash in which the two differ or the shorter one ends; None when equal."""
    if left == right:
        return None
    for at in range(0, min(len(left), len(right)), 32):
        if left[at : at + 32] != right[at : at + 32]:
            return at // 32
    return min(len(left), len(right)) // 32


def _root(hashes: bytes) -> bytes:
    return merkle.root(hashes[i : i + 32] for i in range(0, len(hashes), 32))


def _path(size: int, level: int | None, entry: int) -> str:
    """The file that holds an entry, or its hash, of a level in a log of `size` leaves."""
    return next(tiles.tiles_of(size, level, entry)).path
