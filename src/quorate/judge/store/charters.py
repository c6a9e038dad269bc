"""Charter versions in force so far, with this signer's acknowledgement of each, and complete key
certificates.
"""

from quorate.core.model.charter import SignedDocument, dump_chain, load_chain
from quorate.core.model.records import Signed
from quorate.judge.store.database import Database


class Charters:
    def __init__(self, db: Database) -> None:
        self._db = db

    def documents(self) -> tuple[SignedDocument, ...]:
        """All versions from 1, as the administrators signed them."""
        rows = self._db.read("SELECT document FROM charters ORDER BY version")
        return tuple(load_chain(document)[0] for (document,) in rows)

    def add(self, version: int, digest: bytes, document: SignedDocument, acknowledgement: Signed) -> None:
        self._db.write(
            "INSERT INTO charters VALUES (?, ?, ?, ?, ?)",
            (version, digest, dump_chain((document,)), acknowledgement.body, acknowledgement.signature),
        )

    def acknowledgement(self) -> Signed | None:
        """Of the highest version."""
        row = self._db.first("SELECT acknowledgement, signature FROM charters ORDER BY version DESC LIMIT 1")
        return Signed(*row) if row else None

    def acknowledge(self, acknowledgement: Signed) -> None:
        """The newest acknowledgement of the highest version: other freezes are in force."""
        self._db.write(
            """UPDATE charters SET acknowledgement = ?, signature = ?
               WHERE version = (SELECT max(version) FROM charters)""",
            (acknowledgement.body, acknowledgement.signature),
        )


class Certificates:
    """Complete certificates in proof form, and this signer's parts of those that are not complete yet."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def all(self) -> tuple[bytes, ...]:
        return tuple(
            content for (content,) in self._db.read("SELECT certificate FROM certificates ORDER BY key")
        )

    def add(self, key: str, certificate: bytes) -> bool:
        """False when the key already has one; the first stays."""
        return (
            self._db.write(
                "INSERT INTO certificates VALUES (?, ?) ON CONFLICT DO NOTHING", (key, certificate)
            )
            == 1
        )

    def add_part(self, order_id: str, part: Signed) -> None:
        self._db.write(
            "INSERT INTO certificate_parts VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (order_id, part.body, part.signature),
        )

    def parts(self) -> tuple[tuple[str, Signed], ...]:
        rows = self._db.read("SELECT order_id, body, signature FROM certificate_parts ORDER BY order_id")
        return tuple((order_id, Signed(body, signature)) for order_id, body, signature in rows)

    def drop_part(self, body: bytes) -> None:
        """Once every signer's part is there, ours need not be offered again."""
        self._db.write("DELETE FROM certificate_parts WHERE body = ?", (body,))
