"""All tables of one signer, over one database."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from quorate.core.errors import QuorateError
from quorate.judge.store.addresses import Addresses
from quorate.judge.store.admissions import Admissions
from quorate.judge.store.attempts import Attempts, Nonces
from quorate.judge.store.blobs import Blobs
from quorate.judge.store.charters import Certificates, Charters
from quorate.judge.store.database import Database
from quorate.judge.store.documents import Documents
from quorate.judge.store.freezes import Freezes
from quorate.judge.store.leaves import Facts, Leaves
from quorate.judge.store.proposals import Proposals, Vetoes
from quorate.judge.store.sessions import Sessions
from quorate.judge.store.statements import Statements
from quorate.judge.store.tally import Tally


@dataclass(frozen=True, slots=True)
class Store:
    db: Database
    blobs: Blobs
    charters: Charters
    certificates: Certificates
    admissions: Admissions
    attempts: Attempts
    nonces: Nonces
    sessions: Sessions
    statements: Statements
    tally: Tally
    addresses: Addresses
    leaves: Leaves
    facts: Facts
    freezes: Freezes
    proposals: Proposals
    vetoes: Vetoes
    documents: Documents


def open_store(path: Path, signer: str, on_failure: Callable[[QuorateError], None]) -> Store:
    """Raises QuorateError: store_unusable, store_newer."""
    db = Database(path, on_failure)
    return Store(
        db,
        Blobs(db),
        Charters(db),
        Certificates(db),
        Admissions(db),
        Attempts(db),
        Nonces(db),
        Sessions(db),
        Statements(db),
        Tally(db, signer),
        Addresses(db),
        Leaves(db),
        Facts(db),
        Freezes(db),
        Proposals(db),
        Vetoes(db),
        Documents(db),
    )
