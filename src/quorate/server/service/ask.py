"""A request begins to wait for people: because the policy says so here, or because signers said so."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.engine import Connection

from quorate.core.faults import point
from quorate.core.model.lifecycle import Event
from quorate.server import clock, faults
from quorate.server.refusal import Refusal
from quorate.server.service.context import Context
from quorate.server.service.ledger import Step, messages
from quorate.server.store import statements, transactions
from quorate.server.store.rows import Transaction

SUB_STATUS: Final = "approvals"


async def ask(
    ctx: Context, transaction: Transaction, lines: Sequence[str], *steps: Step, **changes: object
) -> Transaction:
    """PENDING_AUTHORIZATION; `lines` say what is missing."""
    asked = await ctx.ledger.save(
        transaction,
        *steps,
        event=Event.ASKED,
        sub_status=SUB_STATUS,
        system_messages=messages("WARN", *lines),
        **changes,
    )
    point(faults.ASKED)
    return asked


async def ask_people(
    ctx: Context, transaction: Transaction, refusals: Sequence[Refusal], *give_back: Step
) -> Transaction:
    """Signers want approvals that the server did not expect: what they let through counts for them, and their
    clocks. Bytes that a signer voted for stay this request's bytes, and so does the nonce; otherwise both are
    chosen anew later.
    """
    lines = [line for refusal in refusals for line in refusal.lines()]
    if transaction.attempt_bytes is None or await _has_votes(ctx, transaction):
        return await ask(ctx, transaction, lines)
    return await ask(
        ctx, transaction, lines, keep(transaction.id, transaction.attempt_bytes), *give_back,
        attempt_bytes=None, nonce=None,
    )  # fmt: skip


def keep(transaction_id: str, data: bytes) -> Step:
    """The step that keeps the bytes that approvers look at."""

    def step(connection: Connection) -> None:
        statements.keep_first(connection, transaction_id, data, clock.milliseconds())

    return step


async def _has_votes(ctx: Context, transaction: Transaction) -> bool:
    sessions = await ctx.database.read(lambda c: transactions.sessions_of(c, transaction.id))
    return any(session.votes != "{}" for session in sessions)
