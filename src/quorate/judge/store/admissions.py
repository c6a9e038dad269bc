"""Requests this signer accepted, each once per (user, token nonce) and once per (user, external id)."""

from dataclasses import dataclass
from typing import Final

from quorate.core.model.intent import Intent
from quorate.core.model.records import Signed
from quorate.judge.store.database import Database

RECENT: Final = 2048
"""Parsed intents kept in memory. What they are parsed from is on file, so that a copy can never be stale."""
_BY_INTENT: Final = """
    SELECT intent_hash, intent, token_nonce, time_ms, body, signature FROM admissions WHERE intent_hash = ?
"""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request on file. `receipt` is None where others saw it fresh and this signer did not."""

    intent: Intent
    intent_hash: bytes
    intent_bytes: bytes
    token_nonce: str
    time_ms: int
    receipt: Signed | None


class Admissions:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._intents: dict[bytes, Intent] = {}

    def of_intent(self, intent_hash: bytes) -> Admitted | None:
        row = self._db.first(_BY_INTENT, (intent_hash,))
        if row is None:
            return None
        intent_hash, intent, nonce, time_ms, body, signature = row
        receipt = Signed(body, signature) if body is not None else None
        return Admitted(self._parse(intent), intent_hash, intent, nonce, time_ms, receipt)

    def _parse(self, content: bytes) -> Intent:
        """An intent is read a few times within a second: at admission, at each session, at release."""
        intent = self._intents.pop(content, None) or Intent.from_bytes(content)
        self._intents[content] = intent
        if len(self._intents) > RECENT:
            del self._intents[next(iter(self._intents))]
        return intent

    def of_nonce(self, user: str, nonce: str) -> bytes | None:
        """Hash of the intent that used this token nonce."""
        row = self._db.first(
            "SELECT intent_hash FROM admissions WHERE user = ? AND token_nonce = ?", (user, nonce)
        )
        return bytes(row[0]) if row else None

    def of_external_id(self, user: str, external_id: str) -> bytes | None:
        """Hash of the intent that was accepted under this external id."""
        row = self._db.first(
            "SELECT intent_hash FROM admissions WHERE user = ? AND external_id = ?", (user, external_id)
        )
        return bytes(row[0]) if row else None

    def add(self, admitted: Admitted) -> None:
        """In the current unit. Raises sqlite3.IntegrityError when nonce or external id is taken: callers
        have checked in the same unit.
        """
        receipt = admitted.receipt
        self._intents[admitted.intent_bytes] = admitted.intent
        self._db.write(
            "INSERT INTO admissions VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                admitted.intent_hash,
                admitted.intent_bytes,
                admitted.intent.user,
                admitted.token_nonce,
                admitted.intent.external_id,
                admitted.time_ms,
                receipt.body if receipt else None,
                receipt.signature if receipt else None,
            ),
        )

    def add_receipt(self, intent_hash: bytes, receipt: Signed) -> None:
        """For a request first known through others and then seen fresh after all."""
        self._db.write(
            "UPDATE admissions SET body = ?, signature = ? WHERE intent_hash = ? AND body IS NULL",
            (receipt.body, receipt.signature, intent_hash),
        )
