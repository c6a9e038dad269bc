"""What the keeper sealed and the judge keeps for it. Meaningless here, hostile input over there when it comes
back.
"""

from collections.abc import Iterable

from quorate.judge.store.database import Database


class Blobs:
    def __init__(self, db: Database) -> None:
        self._db = db

    def all(self) -> dict[str, bytes]:
        return {
            name: content for name, content in self._db.read("SELECT name, content FROM blobs ORDER BY name")
        }

    def put(self, blobs: Iterable[tuple[str, bytes]]) -> None:
        """Replaces each named blob; empty content erases it. In the current unit."""
        for name, content in blobs:
            if content:
                self._db.write(
                    """INSERT INTO blobs VALUES (?, ?)
                       ON CONFLICT (name) DO UPDATE SET content = excluded.content""",
                    (name, content),
                )
            else:
                self._db.write("DELETE FROM blobs WHERE name = ?", (name,))
