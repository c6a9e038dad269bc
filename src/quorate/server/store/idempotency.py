"""Stored answers under a client's Idempotency-Key, so that a repeated call is answered and not done again."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from quorate.server.store.schema import idempotency

LIFETIME_MS: Final = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Call:
    """A keyed call. `fingerprint` covers method, target and body."""

    user: str
    key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` and `response` are None while a transaction's first answer is outstanding; `transaction_id`
    then names it."""

    fingerprint: bytes
    transaction_id: str | None
    status: int | None
    response: str | None


def find(connection: Connection, user: str, key: str, now_ms: int) -> Answer | None:
    columns = (
        idempotency.c.fingerprint,
        idempotency.c.transaction_id,
        idempotency.c.status,
        idempotency.c.response,
    )
    where = (
        idempotency.c.user == user,
        idempotency.c.key == key,
        idempotency.c.created_ms > now_ms - LIFETIME_MS,
    )
    row = connection.execute(select(*columns).where(*where)).first()
    return None if row is None else Answer(*row)


def put(
    connection: Connection, call: Call | None, now_ms: int, *, transaction_id: str | None = None,
    status: int | None = None, response: str | None = None,
) -> None:  # fmt: skip
    """Part of the unit that does the work, so that answer and effect are durable together. Forgets what is
    too old."""
    if call is None:
        return
    old = idempotency.c.created_ms <= now_ms - LIFETIME_MS
    connection.execute(delete(idempotency).where(old))
    values = {
        "user": call.user, "key": call.key, "fingerprint": call.fingerprint, "transaction_id": transaction_id,
        "status": status, "response": response, "created_ms": now_ms,
    }  # fmt: skip
    connection.execute(insert(idempotency), values)


def answer(connection: Connection, call: Call | None, status: int, response: str) -> None:
    """Adds the answer to a call that was put without one."""
    if call is None:
        return
    where = (idempotency.c.user == call.user, idempotency.c.key == call.key)
    connection.execute(update(idempotency).where(*where), {"status": status, "response": response})
