"""The bytes of each intent, and which intent an EVM nonce or a Bitcoin output belongs to."""

from dataclasses import dataclass

from quorate.core.model.intent import Attempt
from quorate.judge.store.database import Database


@dataclass(frozen=True, slots=True)
class NonceOwner:
    intent_hash: bytes
    released: bool


class Attempts:
    """All bytes of an intent that this signer voted for, or that others did: at most one of them can take
    effect (`checks/effect_once.py`). Those that are `gone` had none, and can have none any more.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def hashes_of(self, intent_hash: bytes) -> frozenset[bytes]:
        """Of all bytes of the intent, those that are gone too."""
        rows = self._db.read("SELECT attempt_hash FROM attempts WHERE intent_hash = ?", (intent_hash,))
        return frozenset(bytes(attempt_hash) for (attempt_hash,) in rows)

    def others(self, attempt: Attempt) -> tuple[Attempt, ...]:
        """Of the same intent, but for those that are gone. By the bytes: those given may be too large for a
        hash.
        """
        rows = self._db.read(
            """SELECT format, bytes FROM attempts WHERE intent_hash = ? AND bytes != ? AND gone = 0
               ORDER BY time_ms""",
            (attempt.intent, attempt.data),
        )
        return tuple(Attempt(attempt.intent, format, bytes(data)) for format, data in rows)

    def get(self, intent_hash: bytes, attempt_hash: bytes) -> Attempt | None:
        row = self._db.first(
            "SELECT format, bytes FROM attempts WHERE intent_hash = ? AND attempt_hash = ?",
            (intent_hash, attempt_hash),
        )
        return Attempt(intent_hash, row[0], bytes(row[1])) if row else None

    def add(self, attempt: Attempt, time_ms: int) -> None:
        """Does nothing for bytes that are on file."""
        self._db.write(
            """INSERT INTO attempts (intent_hash, attempt_hash, format, bytes, time_ms)
               VALUES (?, ?, ?, ?, ?) ON CONFLICT (intent_hash, attempt_hash) DO NOTHING""",
            (attempt.intent, attempt.hash, attempt.format, attempt.data, time_ms),
        )

    def known_since(self, attempt: Attempt) -> int | None:
        """Unix milliseconds at which these very bytes were put on file; None when they are not."""
        row = self._db.first(
            "SELECT time_ms FROM attempts WHERE intent_hash = ? AND attempt_hash = ?",
            (attempt.intent, attempt.hash),
        )
        return int(row[0]) if row else None

    def mark_gone(self, attempt: Attempt) -> None:
        """For good. Does nothing for bytes that are not on file."""
        self._db.write(
            "UPDATE attempts SET gone = 1 WHERE intent_hash = ? AND attempt_hash = ?",
            (attempt.intent, attempt.hash),
        )

    def is_dead(self, intent_hash: bytes) -> bool:
        """Whether the intent lost its nonce to another: it will not be signed here again."""
        return (
            self._db.first("SELECT 1 FROM attempts WHERE intent_hash = ? AND dead = 1", (intent_hash,))
            is not None
        )

    def bury(self, intent_hash: bytes) -> None:
        self._db.write("UPDATE attempts SET dead = 1 WHERE intent_hash = ?", (intent_hash,))

    def forget_unvoted(self) -> None:
        """Bytes without a session of this signer's: those of votes that were never let out, and those of
        others, which the server brings again. What is gone stays known to be so.
        """
        self._db.write(
            """DELETE FROM attempts
               WHERE gone = 0 AND attempt_hash NOT IN (SELECT attempt_hash FROM sessions)"""
        )

    def forget_unvoted_of(self, intent_hash: bytes) -> None:
        self._db.write(
            """DELETE FROM attempts WHERE intent_hash = ? AND gone = 0
               AND attempt_hash NOT IN (SELECT attempt_hash FROM sessions)""",
            (intent_hash,),
        )


class Nonces:
    """What one transaction at most can use belongs to one intent: an EVM nonce as (chain, sender, nonce), a
    Bitcoin output as (chain, transaction id, index). Another takes it only while nothing was released for the
    first.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def owner(self, chain: str, sender: str, nonce: int) -> NonceOwner | None:
        row = self._db.first(
            "SELECT intent_hash, released FROM nonces WHERE chain = ? AND sender = ? AND nonce = ?",
            (chain, sender, nonce),
        )
        return NonceOwner(bytes(row[0]), bool(row[1])) if row else None

    def highest(self, chain: str, sender: str) -> int:
        """-1 when none is known."""
        row = self._db.first("SELECT max(nonce) FROM nonces WHERE chain = ? AND sender = ?", (chain, sender))
        return int(row[0]) if row and row[0] is not None else -1

    def take(self, chain: str, sender: str, nonce: int, intent_hash: bytes) -> bool:
        """True when the nonce now belongs to the intent. One statement, so that no other session can slip in
        between.
        """
        changed = self._db.write(
            """INSERT INTO nonces (chain, sender, nonce, intent_hash) VALUES (?, ?, ?, ?)
               ON CONFLICT (chain, sender, nonce) DO UPDATE SET intent_hash = excluded.intent_hash
               WHERE released = 0 OR intent_hash = excluded.intent_hash""",
            (chain, sender, nonce, intent_hash),
        )
        return changed == 1

    def release(self, intent_hash: bytes) -> int:
        """Marks what the bytes of the intent use as used for good; returns how many things that were."""
        return self._db.write("UPDATE nonces SET released = 1 WHERE intent_hash = ?", (intent_hash,))

    def give_back(self, intent_hash: bytes) -> None:
        """Only for an intent this signer never voted for."""
        self._db.write("DELETE FROM nonces WHERE intent_hash = ? AND released = 0", (intent_hash,))
