"""All bytes of a transaction that was given others: durable before any signer sees them.

A transaction with one set of bytes has no rows here. One at most of them takes effect; which, the chain says.
On chains whose bytes expire the rows are those that did, and no more than signers' memory of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

from sqlalchemy import delete, false, insert, select, true, update
from sqlalchemy.engine import Connection

from quorate.server.store.rows import Transaction
from quorate.server.store.schema import versions


@dataclass(frozen=True, slots=True)
class Version:
    """`cancels`: it pays nobody. `released`: a share of it may be out. What follows is None until it is
    signed; `result` and `signed_by` as in the transaction's row.
    """

    transaction_id: str
    number: int
    attempt_bytes: bytes
    cancels: bool
    released: bool = False
    raw_transaction: bytes | None = None
    transaction_hash: str | None = None
    result: str | None = None
    signed_by: str | None = None


_COLUMNS: Final = tuple(field.name for field in fields(Version))
_ALL: Final = [versions.c[name] for name in _COLUMNS]


def of_transaction(connection: Connection, id: str) -> Sequence[Version]:
    """In the order in which they were made; none where there is nothing but what the row holds. Without what
    was set aside.
    """
    where = (versions.c.transaction_id == id, versions.c.expired == false())
    statement = select(*_ALL).where(*where).order_by(versions.c.number)
    return [Version(*tuple(row)) for row in connection.execute(statement)]


def expired_of(connection: Connection, id: str) -> list[bytes]:
    """Bytes that were set aside, the first ones first."""
    where = (versions.c.transaction_id == id, versions.c.expired == true())
    statement = select(versions.c.attempt_bytes).where(*where).order_by(versions.c.number)
    return [bytes(row[0]) for row in connection.execute(statement)]


def set_aside(connection: Connection, transaction: Transaction) -> None:
    """Keeps what the row holds as bytes that expired unsigned, after a signer voted for them."""
    number = len(expired_of(connection, transaction.id)) + 1
    values = {name: getattr(_of_row(transaction), name) for name in _COLUMNS}
    connection.execute(insert(versions), {**values, "number": number, "expired": True})


def have(connection: Connection, ids: Sequence[str]) -> frozenset[str]:
    """Those of the transactions that have versions."""
    column = versions.c.transaction_id
    found = connection.execute(select(column).where(column.in_(ids)).distinct())
    return frozenset(row[0] for row in found)


def names(connection: Connection, ids: Sequence[str]) -> dict[str, list[str]]:
    """Of those of the transactions that have versions: the names of all that are signed, the oldest first."""
    c = versions.c
    where = (c.transaction_id.in_(ids), c.transaction_hash.is_not(None))
    statement = select(c.transaction_id, c.transaction_hash).where(*where).order_by(c.number)
    found: dict[str, list[str]] = {}
    for id, name in connection.execute(statement):
        found.setdefault(id, []).append(name)
    return found


def add(connection: Connection, transaction: Transaction, attempt_bytes: bytes, cancels: bool) -> None:
    """One more; the first time, what the row holds as well."""
    known = len(of_transaction(connection, transaction.id))
    if not known:
        _insert(connection, _of_row(transaction))
        known = 1
    _insert(connection, Version(transaction.id, known + 1, attempt_bytes, cancels))


def sign(connection: Connection, version: Version) -> None:
    where = (versions.c.transaction_id == version.transaction_id, versions.c.number == version.number)
    names = ("raw_transaction", "transaction_hash", "result", "signed_by")
    connection.execute(update(versions).where(*where), {name: getattr(version, name) for name in names})


def release(connection: Connection, id: str, attempt_bytes: bytes | None) -> None:
    """A share of these bytes may be out from now on. Does nothing for a transaction without versions."""
    where = (versions.c.transaction_id == id, versions.c.attempt_bytes == attempt_bytes)
    connection.execute(update(versions).where(*where).values(released=True))


def remove(connection: Connection, version: Version) -> None:
    """Only while nobody can have voted for it."""
    where = (versions.c.transaction_id == version.transaction_id, versions.c.number == version.number)
    connection.execute(delete(versions).where(*where))


def _of_row(row: Transaction) -> Version:
    if row.attempt_bytes is None:
        raise ValueError("a transaction without bytes has no version")
    return Version(
        row.id,
        1,
        row.attempt_bytes,
        False,
        True,
        row.raw_transaction,
        row.transaction_hash,
        row.result,
        row.signed_by,
    )


def _insert(connection: Connection, version: Version) -> None:
    values = {name: getattr(version, name) for name in _COLUMNS}
    connection.execute(insert(versions), {**values, "expired": False})
