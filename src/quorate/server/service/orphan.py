"""Not signed although a share may have left a keeper: such a request is not called failed
while it could still take effect. A member that holds the result hands it out when asked, also after
expiry.
"""

import asyncio
import json
from typing import Final

from quorate.core.model.intent import Intent
from quorate.server.service import finish
from quorate.server.service.context import Context
from quorate.server.service.families import family_of
from quorate.server.service.session import Outcome
from quorate.server.service.sign import Signing, open_session, run_session
from quorate.server.store import transactions
from quorate.server.store.rows import Transaction

ASK_EVERY: Final = 5.0


async def find_result(ctx: Context, transaction: Transaction, intent: Intent) -> Signing:
    """Returns with the result, or without one when it can no longer matter: for a transaction, when its bytes
    cannot execute any more; for messages, when every former member has answered that it holds none.
    """
    asked: set[str] = set()
    while True:
        transaction, outcome = await _ask(ctx, transaction, intent, asked)
        if outcome is not None:
            return Signing(transaction, outcome)
        if await _cannot_matter(ctx, transaction, asked):
            return Signing(transaction, None)
        await ctx.hub.change(ASK_EVERY)
        await asyncio.sleep(0.1)


async def _ask(
    ctx: Context, transaction: Transaction, intent: Intent, asked: set[str]
) -> tuple[Transaction, Outcome | None]:
    """Opens once more with sets that contain members not yet asked: a keeper that holds the result answers
    with it.
    """
    missing = await _former_members(ctx, transaction) - asked
    members = ctx.roster.choose(prefer=missing) if missing else None
    if members is None or not missing & set(members):
        return transaction, None
    number, step = open_session(transaction, members)
    transaction = await ctx.ledger.save(transaction, step, session=number)
    transaction, outcome = await run_session(ctx, transaction, intent, members)
    asked.update(refusal.signer for refusal in outcome.refusals)
    return transaction, outcome if outcome.result is not None else None


async def _former_members(ctx: Context, transaction: Transaction) -> set[str]:
    sessions = await ctx.database.read(
        lambda connection: transactions.sessions_of(connection, transaction.id)
    )
    return {member for session in sessions for member in json.loads(session.members)}


async def _cannot_matter(ctx: Context, transaction: Transaction, asked: set[str]) -> bool:
    if transaction.chain is None:
        return await _former_members(ctx, transaction) <= asked
    return await family_of(transaction.chain).cannot_execute(ctx, transaction)


async def close(ctx: Context, transaction: Transaction) -> Transaction:
    """FAILED for the reason that kept it from being signed."""
    explanation = "not signed, and no signature of it can take effect any more"
    return await finish.fail(ctx, transaction, transaction.sub_status or "expired", explanation)
