"""Documents that a charter version pinned when they came, by their hash."""

from quorate.judge.store.database import Database


class Documents:
    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, hash: bytes) -> bytes | None:
        row = self._db.first("SELECT content FROM documents WHERE hash = ?", (hash,))
        return bytes(row[0]) if row else None

    def hashes(self) -> tuple[bytes, ...]:
        return tuple(bytes(hash) for (hash,) in self._db.read("SELECT hash FROM documents ORDER BY hash"))

    def add(self, hash: bytes, content: bytes, time_ms: int) -> bool:
        """False for one that is here."""
        values = (hash, content, time_ms)
        return self._db.write("INSERT INTO documents VALUES (?, ?, ?) ON CONFLICT DO NOTHING", values) == 1
