"""POST /quorate/v1/statements: verified as signers verify it, durable, then told to whoever waits.

The server's own verification keeps its store small and its answers clear; no signer relies on it.
"""

from typing import Final

from sqlalchemy.engine import Connection

from quorate.core.errors import QuorateError
from quorate.core.evidence import approval
from quorate.core.faults import point
from quorate.core.model.lifecycle import Status
from quorate.core.model.statement import REJECT, SignedStatement, Statement
from quorate.core.proto import link_pb2
from quorate.server import clock, faults
from quorate.server.service.context import Context
from quorate.server.store import statements, transactions
from quorate.server.store.rows import Transaction

OPEN: Final = (
    Status.SUBMITTED,
    Status.QUEUED,
    Status.PENDING_AUTHORIZATION,
    Status.PENDING_SIGNATURE,
)


async def collect(ctx: Context, signed: SignedStatement) -> Transaction:
    """The request that the statement is about. The same statement again changes nothing.

    Raises Refused: statement_*; QuorateError: intent_unknown, not_pending, statement_round, statements_full.
    """
    statement = Statement.from_bytes(signed.body)
    row = await ctx.database.read(lambda c: transactions.get_by_intent(c, statement.intent))
    if row is None:
        raise QuorateError("intent_unknown", "no request with this intent hash was admitted here")
    approval.verify(signed, ctx.book.charter, row.intent_hash, clock.seconds())
    await ctx.database.write(lambda connection: _store(connection, statement, signed))
    point(faults.STATEMENT_STORED)
    if statement.verdict == REJECT:
        _tell_signers(ctx, signed)
    ctx.desk.said(statement.intent)
    return row


def _store(connection: Connection, statement: Statement, signed: SignedStatement) -> None:
    """Whether it is still waited for is asked in the unit that stores it."""
    row = transactions.get_by_intent(connection, statement.intent)
    if statements.add(connection, statement, signed, clock.milliseconds()) and not _is_open(row):
        status = "gone" if row is None else row.status
        raise QuorateError("not_pending", f"the request is {status}", "state", "nobody is asked about it")


def _is_open(row: Transaction | None) -> bool:
    """Until a share may be out: then neither yes nor no can change anything."""
    return row is not None and not row.released and row.status in OPEN


def _tell_signers(ctx: Context, signed: SignedStatement) -> None:
    """At once, and to all: a signer that saw a rejection refuses whatever comes later."""
    rejection = link_pb2.Rejection(statement=link_pb2.Statement(body=signed.body, armor=signed.armor))
    for signer in ctx.hub.attached():
        ctx.hub.tell(signer.id, link_pb2.Request(rejection=rejection))
