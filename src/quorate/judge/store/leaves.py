"""Rows of the Merkle log, and the roots of complete subtrees that proofs and tiles are made from."""

from collections.abc import Iterable

from quorate.judge.store.database import Database


class Leaves:
    def __init__(self, db: Database) -> None:
        self._db = db

    def size(self) -> int:
        row = self._db.first("SELECT max(idx) FROM leaves")
        return int(row[0]) + 1 if row and row[0] is not None else 0

    def append(self, index: int, leaf_hash: bytes, data: bytes) -> None:
        self._db.write("INSERT INTO leaves VALUES (?, ?, ?)", (index, leaf_hash, data))

    def hashes(self, start: int, end: int) -> list[bytes]:
        rows = self._db.read("SELECT hash FROM leaves WHERE idx >= ? AND idx < ? ORDER BY idx", (start, end))
        return [bytes(leaf_hash) for (leaf_hash,) in rows]

    def data(self, start: int, end: int) -> list[bytes]:
        rows = self._db.read("SELECT data FROM leaves WHERE idx >= ? AND idx < ? ORDER BY idx", (start, end))
        return [bytes(data) for (data,) in rows]

    def subtrees(self, level: int, start: int, end: int) -> list[bytes]:
        """Roots of complete subtrees of 256^level leaves, by their number on that level."""
        rows = self._db.read(
            "SELECT hash FROM subtrees WHERE level = ? AND idx >= ? AND idx < ? ORDER BY idx",
            (level, start, end),
        )
        return [bytes(digest) for (digest,) in rows]

    def subtree_count(self, level: int) -> int:
        row = self._db.first("SELECT max(idx) FROM subtrees WHERE level = ?", (level,))
        return int(row[0]) + 1 if row and row[0] is not None else 0

    def add_subtrees(self, level: int, start: int, roots: Iterable[bytes]) -> None:
        for number, root in enumerate(roots, start=start):
            self._db.write("INSERT INTO subtrees VALUES (?, ?, ?)", (level, number, root))


class Facts:
    """Single values: the size of the log at the last checkpoint, the latest time a vote was dated, a seal set
    by the sentinel.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def integer(self, name: str) -> int:
        """0 when never set."""
        row = self._db.first("SELECT value FROM facts WHERE name = ?", (name,))
        return int(row[0]) if row else 0

    def raise_to(self, name: str, value: int) -> None:
        """Sets a value that only rises."""
        self._db.write(
            """INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value
               WHERE excluded.value > value""",
            (name, value),
        )
