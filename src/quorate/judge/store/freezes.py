"""Freezes as this signer knows them: those in force with their documents, and the ids of those lifted."""

from collections.abc import Iterable

from quorate.core.model.charter import SignedDocument, dump_documents, load_documents
from quorate.core.model.freeze import Freeze, FreezeSet
from quorate.judge.store.database import Database


class Freezes:
    def __init__(self, db: Database) -> None:
        self._db = db

    def known(self) -> FreezeSet:
        freezes = (Freeze.from_bytes(document.body) for document in self.documents())
        lifted = self._db.read("SELECT id FROM freezes WHERE lifted")
        return FreezeSet({freeze.id: freeze for freeze in freezes}, frozenset(id for (id,) in lifted))

    def documents(self) -> tuple[SignedDocument, ...]:
        """Those in force, as their administrators signed them."""
        rows = self._db.read("SELECT document FROM freezes WHERE NOT lifted ORDER BY id")
        return tuple(load_documents(document, "freeze")[0] for (document,) in rows)

    def add(self, id: str, document: SignedDocument, time_ms: int) -> bool:
        """False for one that is known, which stays as it is."""
        return (
            self._db.write(
                "INSERT INTO freezes VALUES (?, ?, 0, ?) ON CONFLICT DO NOTHING",
                (id, dump_documents((document,), "freeze"), time_ms),
            )
            == 1
        )

    def lift(self, ids: Iterable[str], time_ms: int) -> None:
        """Also ids that have not come here yet: they never will take effect."""
        for id in ids:
            self._db.write(
                """INSERT INTO freezes VALUES (?, NULL, 1, ?)
                   ON CONFLICT (id) DO UPDATE SET lifted = 1, time_ms = excluded.time_ms WHERE NOT lifted""",
                (id, time_ms),
            )
