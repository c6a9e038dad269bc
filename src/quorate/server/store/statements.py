"""Approvers' statements as they were collected, and the first bytes of a request, which approvers look at."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.engine import Connection

from quorate.core.errors import QuorateError
from quorate.core.model.statement import SignedStatement, Statement
from quorate.server.store.schema import first_attempts, statements

MAX_ROUNDS: Final = 16
"""Statements kept of one approver about one request."""
_OF_INTENT: Final = (
    select(statements.c.body, statements.c.armor)
    .where(statements.c.intent_hash == bindparam("intent_hash"))
    .order_by(statements.c.approver, statements.c.round)
)
_FIRST: Final = select(first_attempts.c.bytes).where(first_attempts.c.transaction_id == bindparam("id"))


def add(connection: Connection, statement: Statement, signed: SignedStatement, now_ms: int) -> bool:
    """False when this very statement is here. Raises QuorateError: statement_round (another one of that round
    is), statements_full.
    """
    same = (statements.c.intent_hash == statement.intent, statements.c.approver == statement.approver)
    known = connection.execute(
        select(statements.c.body).where(*same, statements.c.round == statement.round)
    ).first()
    if known is not None:
        if bytes(known.body) == signed.body:
            return False
        message = f"{statement.approver} said something else in round {statement.round}"
        raise QuorateError("statement_round", message, "caller", "sign again with a higher round")
    count = connection.execute(select(func.count()).select_from(statements).where(*same)).scalar() or 0
    if count >= MAX_ROUNDS:
        message = f"there are {count} statements of {statement.approver} about this request"
        raise QuorateError("statements_full", message, "caller", "one statement is enough")
    connection.execute(
        insert(statements),
        {
            "intent_hash": statement.intent,
            "approver": statement.approver,
            "round": statement.round,
            "body": signed.body,
            "armor": signed.armor,
            "received_ms": now_ms,
        },
    )
    return True


def of_intent(connection: Connection, intent_hash: bytes) -> Sequence[SignedStatement]:
    """By approver and round."""
    rows = connection.execute(_OF_INTENT, {"intent_hash": intent_hash})
    return [SignedStatement(bytes(row.body), row.armor) for row in rows]


def keep_first(connection: Connection, transaction_id: str, data: bytes, now_ms: int) -> None:
    """The bytes that approvers are shown from now on."""
    connection.execute(delete(first_attempts).where(first_attempts.c.transaction_id == transaction_id))
    connection.execute(
        insert(first_attempts), {"transaction_id": transaction_id, "bytes": data, "built_ms": now_ms}
    )


def first_attempt(connection: Connection, transaction_id: str) -> bytes | None:
    row = connection.execute(_FIRST, {"id": transaction_id}).first()
    return None if row is None else bytes(row.bytes)
