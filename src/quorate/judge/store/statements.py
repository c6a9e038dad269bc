"""Approvers' statements that this signer acted on: those its votes rest on, and every rejection it saw."""

from collections.abc import Sequence

from quorate.core.model.statement import REJECT, SignedStatement, Statement
from quorate.judge.store.database import Database


class Statements:
    def __init__(self, db: Database) -> None:
        self._db = db

    def of_intent(self, intent_hash: bytes) -> Sequence[SignedStatement]:
        """In the order of approver and round; each was verified before it was put on file."""
        rows = self._db.read(
            "SELECT body, armor FROM statements WHERE intent_hash = ? ORDER BY approver, round, verdict",
            (intent_hash,),
        )
        return [SignedStatement(bytes(body), armor) for body, armor in rows]

    def is_rejected(self, intent_hash: bytes, approver: str) -> bool:
        """Whether a rejection by this approver is on file."""
        sql = "SELECT 1 FROM statements WHERE intent_hash = ? AND approver = ? AND verdict = ?"
        return self._db.first(sql, (intent_hash, approver, REJECT)) is not None

    def add(self, statement: Statement, signed: SignedStatement, time_ms: int) -> bool:
        """False when it is on file. In the current unit."""
        written = self._db.write(
            "INSERT INTO statements VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                statement.intent,
                statement.approver,
                statement.round,
                statement.verdict,
                signed.body,
                signed.armor,
                time_ms,
            ),
        )
        return written == 1
