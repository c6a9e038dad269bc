"""Charter versions that wait for their timelock, and the vetoes that cancel them."""

from dataclasses import dataclass

from quorate.core.model.charter import SignedDocument, dump_chain, dump_documents, load_chain
from quorate.judge.store.database import Database


@dataclass(frozen=True, slots=True)
class Proposal:
    """Times in milliseconds of this signer's clock; `due_ms` counts from the first sight."""

    hash: bytes
    version: int
    previous: bytes
    document: SignedDocument
    first_seen_ms: int
    due_ms: int


class Proposals:
    def __init__(self, db: Database) -> None:
        self._db = db

    def all(self) -> tuple[Proposal, ...]:
        """By version, then by date."""
        rows = self._db.read("SELECT * FROM proposals ORDER BY version, due_ms, hash")
        return tuple(
            Proposal(hash, version, previous, load_chain(document)[0], first_seen, due)
            for hash, version, previous, document, first_seen, due in rows
        )

    def add(self, proposal: Proposal) -> bool:
        """False for one that was seen before: its first sight stands."""
        values = (
            proposal.hash, proposal.version, proposal.previous, dump_chain((proposal.document,)),
            proposal.first_seen_ms, proposal.due_ms,
        )  # fmt: skip
        return (
            self._db.write("INSERT INTO proposals VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", values)
            == 1
        )

    def drop_up_to(self, version: int) -> None:
        """What a version in force has decided, one way or the other."""
        self._db.write("DELETE FROM proposals WHERE version <= ?", (version,))


class Vetoes:
    def __init__(self, db: Database) -> None:
        self._db = db

    def by(self, charter: bytes) -> str | None:
        """The administrator whose veto cancelled the version with this hash."""
        row = self._db.first("SELECT administrator FROM vetoes WHERE charter = ?", (charter,))
        return str(row[0]) if row else None

    def count(self, administrator: str) -> int:
        row = self._db.first("SELECT count(*) FROM vetoes WHERE administrator = ?", (administrator,))
        return int(row[0]) if row else 0

    def add(self, charter: bytes, administrator: str, document: SignedDocument, time_ms: int) -> None:
        self._db.write(
            "INSERT INTO vetoes VALUES (?, ?, ?, ?)",
            (charter, administrator, dump_documents((document,), "veto"), time_ms),
        )
