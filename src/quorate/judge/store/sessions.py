"""Sessions this signer voted in, their results, and every R that ever left a finished session."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from quorate.core.model.intent import Attempt
from quorate.judge.store.database import Database

VOTED: Final = "voted"
RELEASED: Final = "released"
DONE: Final = "done"
DEAD: Final = "dead"


@dataclass(frozen=True, slots=True)
class Session:
    """`vote` is the body of this signer's own vote; `state` one of the constants above."""

    session_id: bytes
    intent_hash: bytes
    attempt_hash: bytes
    number: int
    members: tuple[str, ...]
    vote: bytes
    time_ms: int
    state: str


class Sessions:
    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, session: Session) -> None:
        self._db.write(
            "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                session.session_id,
                session.intent_hash,
                session.attempt_hash,
                session.number,
                ",".join(session.members),
                session.vote,
                session.time_ms,
                session.state,
            ),
        )

    def get(self, session_id: bytes) -> Session | None:
        row = self._db.first("SELECT * FROM sessions WHERE session_id = ?", (session_id,))
        if row is None:
            return None
        session_id, intent_hash, attempt_hash, number, members, vote, time_ms, state = row
        return Session(
            session_id, intent_hash, attempt_hash, number, tuple(members.split(",")), vote, time_ms, state
        )

    def highest_number(self, intent_hash: bytes) -> int | None:
        row = self._db.first("SELECT max(number) FROM sessions WHERE intent_hash = ?", (intent_hash,))
        return int(row[0]) if row and row[0] is not None else None

    def move(self, session_id: bytes, *, to: str, from_: Sequence[str]) -> bool:
        """True when the session was in one of the states `from_` and is now in `to`. One statement."""
        marks = ", ".join("?" * len(from_))
        sql = f"UPDATE sessions SET state = ? WHERE session_id = ? AND state IN ({marks})"  # noqa: S608  # only question marks
        return self._db.write(sql, (to, session_id, *from_)) == 1

    def end_all_voted(self) -> int:
        """At start: the keeper forgot what it drew for these, so that they can never be released."""
        return self._db.write("UPDATE sessions SET state = ? WHERE state = ?", (DEAD, VOTED))

    def result(self, intent_hash: bytes, attempt_hash: bytes) -> bytes | None:
        """The encoded link Result of these bytes, once they were signed."""
        row = self._db.first(
            "SELECT result FROM results WHERE intent_hash = ? AND attempt_hash = ?",
            (intent_hash, attempt_hash),
        )
        return bytes(row[0]) if row else None

    def result_for(self, attempt: Attempt) -> bytes | None:
        """As `result`, by the bytes themselves: of what was never signed here no hash is made."""
        row = self._db.first(
            """SELECT result FROM results JOIN attempts USING (intent_hash, attempt_hash)
               WHERE intent_hash = ? AND bytes = ?""",
            (attempt.intent, attempt.data),
        )
        return bytes(row[0]) if row else None

    def add_result(self, session: Session, result: bytes, time_ms: int) -> bool:
        """False when the bytes already have a result; the first one stays."""
        return (
            self._db.write(
                "INSERT INTO results VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (session.intent_hash, session.attempt_hash, session.session_id, result, time_ms),
            )
            == 1
        )

    def use_r(self, r: bytes, session_id: bytes) -> bool:
        """False when this R was seen before, in whatever session: two signatures with one nonce give the key
        away.
        """
        return (
            self._db.write("INSERT INTO commitments VALUES (?, ?) ON CONFLICT DO NOTHING", (r, session_id))
            == 1
        )
