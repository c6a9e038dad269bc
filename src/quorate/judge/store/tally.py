"""What was let through: own reservations and every signer's chain of entries (docs/spec/tally.md)."""

from collections.abc import Iterable
from typing import Final

from quorate.core.model.records import Head, Signed, TallyEntry
from quorate.core.model.tally import NO_HEAD
from quorate.core.policy import TallyLine
from quorate.judge.store.database import Database

MAX_COUNT: Final = (1 << 63) - 1
"""Largest integer of SQLite; others may claim more."""


class Tally:
    def __init__(self, db: Database, me: str) -> None:
        self._db = db
        self._me = me

    def reserve(self, line: TallyLine) -> bool:
        """True when the intent is newly reserved, False when it was before. One statement, whatever runs
        beside it.
        """
        return (
            self._db.write(
                """INSERT INTO reservations VALUES (?, ?, ?, ?, ?, ?, ?, 0)
                   ON CONFLICT (intent_hash) DO NOTHING""",
                (
                    line.intent_hash,
                    line.user,
                    line.source,
                    line.destination,
                    line.asset,
                    str(line.amount),
                    line.time_ms,
                ),
            )
            == 1
        )

    def is_reserved(self, intent_hash: bytes) -> bool:
        return self._db.first("SELECT 1 FROM reservations WHERE intent_hash = ?", (intent_hash,)) is not None

    def unreserve(self, intent_hash: bytes) -> None:
        """Frees the amount, if this signer never voted for the intent; does nothing otherwise."""
        self._db.write("DELETE FROM reservations WHERE intent_hash = ? AND voted = 0", (intent_hash,))

    def has_voted(self, intent_hash: bytes) -> bool:
        return (
            self._db.first("SELECT 1 FROM reservations WHERE intent_hash = ? AND voted = 1", (intent_hash,))
            is not None
        )

    def drop_unvoted(self) -> list[bytes]:
        """At start: reservations whose vote was never let out, because the process ended before it was
        durable.
        """
        rows = self._db.read("SELECT intent_hash FROM reservations WHERE voted = 0")
        self._db.write("DELETE FROM reservations WHERE voted = 0")
        return [bytes(intent_hash) for (intent_hash,) in rows]

    def add_own(self, entry: TallyEntry, signed: Signed) -> None:
        """The keeper's entry for a reservation; from now on the reservation stands."""
        self._db.write("UPDATE reservations SET voted = 1 WHERE intent_hash = ?", (entry.intent_hash,))
        self.add(entry, signed)

    def adopt_own(self, entry: TallyEntry, signed: Signed) -> None:
        """An entry made before this database was restored from an older copy: reserved as it was then."""
        self.reserve(
            TallyLine(
                entry.intent_hash,
                entry.user,
                entry.source,
                entry.destination,
                entry.asset,
                entry.amount,
                entry.time_ms,
            )
        )
        self.add_own(entry, signed)

    def add(self, entry: TallyEntry, signed: Signed, latest_ms: int = MAX_COUNT) -> None:
        """Appends a verified entry to the chain of its signer. It counts as made at `latest_ms` if it is
        dated later: a signer that dates its entries ahead must not fill the windows for years.
        """
        self._db.write(
            "INSERT INTO tally VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                entry.signer,
                entry.count,
                entry.head,
                entry.intent_hash,
                entry.user,
                entry.source,
                entry.destination,
                entry.asset,
                str(entry.amount),
                min(entry.time_ms, latest_ms),
                signed.body,
                signed.signature,
            ),
        )

    def has_entry(self, signer: str, intent_hash: bytes) -> bool:
        return (
            self._db.first("SELECT 1 FROM tally WHERE signer = ? AND intent_hash = ?", (signer, intent_hash))
            is not None
        )

    def attempts_of(self, intent_hash: bytes) -> set[bytes]:
        """For which bytes of an intent any signer is known to have made an entry: their attempt hashes."""
        rows = self._db.read("SELECT body FROM tally WHERE intent_hash = ?", (intent_hash,))
        return {TallyEntry.from_bytes(bytes(body)).attempt_hash for (body,) in rows}

    def head(self, signer: str) -> Head:
        """How far the entry chain of a signer is known."""
        row = self._db.first(
            "SELECT count, head FROM tally WHERE signer = ? ORDER BY count DESC LIMIT 1", (signer,)
        )
        return Head(signer, *row) if row else Head(signer, 0, NO_HEAD)

    def head_at(self, signer: str, count: int) -> bytes | None:
        """The head after entry `count`, or None where the chain is not known so far."""
        if count == 0:
            return NO_HEAD
        if count > MAX_COUNT:
            return None
        row = self._db.first("SELECT head FROM tally WHERE signer = ? AND count = ?", (signer, count))
        return bytes(row[0]) if row else None

    def own_after(self, count: int, limit: int) -> list[Signed]:
        """Own entries count + 1, count + 2, ..., at most `limit` of them."""
        rows = self._db.read(
            "SELECT body, signature FROM tally WHERE signer = ? AND count > ? ORDER BY count LIMIT ?",
            (self._me, count, limit),
        )
        return [Signed(body, signature) for body, signature in rows]

    def lines(self, asset: str, since_ms: int) -> list[TallyLine]:
        """What may count against a window: own reservations and everybody's entries. The policy counts each
        intent once.
        """
        rows = self._db.read(_UNION, {"asset": asset, "since": since_ms, "me": self._me})
        return [
            TallyLine(intent_hash, user, source, destination, asset, int(amount), time_ms)
            for intent_hash, user, source, destination, amount, time_ms in rows
        ]

    def was_used(self, destination: str, besides: bytes, others: int) -> bool:
        """Whether any intent to this address, other than `besides`, was let through: by this signer's own
        record, or by that of so many others, because one could make an entry up.
        """
        values = {"destination": destination, "besides": besides, "me": self._me, "others": others}
        return self._db.first(_USED, values) is not None

    def first_asked(self, destination: str, now_ms: int) -> int:
        """When this signer first judged a request to this address: now, if never before. Kept for ever."""
        with self._db.unit():
            self._db.write(
                "INSERT INTO destinations VALUES (?, ?) ON CONFLICT (address) DO NOTHING",
                (destination, now_ms),
            )
        row = self._db.first("SELECT first_ms FROM destinations WHERE address = ?", (destination,))
        return int(row[0]) if row else now_ms

    def unseen(self, source: str, assets: Iterable[str]) -> int:
        """How many intents of a source account were let through whose bytes this signer has not on file."""
        names = tuple(assets)
        marks = ", ".join("?" * len(names))
        row = self._db.first(
            f"""SELECT count(DISTINCT intent_hash) FROM tally
                WHERE source = ? AND asset IN ({marks})
                AND intent_hash NOT IN (SELECT intent_hash FROM attempts)""",  # noqa: S608  # only question marks
            (source, *names),
        )
        return int(row[0]) if row else 0


_UNION = """
    SELECT intent_hash, user, source, destination, amount, time_ms FROM reservations
        WHERE asset = :asset AND time_ms >= :since
    UNION ALL
    SELECT intent_hash, user, source, destination, amount, time_ms FROM tally
        WHERE asset = :asset AND time_ms >= :since AND signer != :me
"""

_USED = """
    SELECT 1 FROM reservations WHERE destination = :destination AND intent_hash != :besides
    UNION ALL
    SELECT 1 FROM tally WHERE destination = :destination AND intent_hash != :besides AND signer != :me
        GROUP BY intent_hash HAVING count(DISTINCT signer) >= :others
    LIMIT 1
"""
