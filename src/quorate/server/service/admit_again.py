"""After a restart between the durable row and the durable admissions: the same request once more. A signer
that admitted it gives the same receipt; one that did not admits it only while the token is fresh.
"""

import logging

from quorate.core.evidence import token
from quorate.core.model.lifecycle import Event
from quorate.server import clock
from quorate.server.refusal import Refusal
from quorate.server.service.admit import Admissions, admit
from quorate.server.service.context import Context
from quorate.server.service.ledger import messages
from quorate.server.store.rows import Transaction

log = logging.getLogger(__name__)


async def admit_again(ctx: Context, transaction: Transaction) -> Transaction:
    """With admissions, or REJECTED once the token is stale and fewer than t signers have it."""
    expires = token.peek(transaction.token).exp + ctx.book.charter.skew
    while True:
        found = await admit(ctx, transaction, frozenset())
        if len(found.signed) >= ctx.book.charter.threshold:
            return await ctx.ledger.save(
                transaction,
                event=Event.ADMITTED,
                admissions=found.to_text(),
                admitted_us=clock.microseconds(),
            )
        if clock.seconds() >= expires and len(ctx.hub.ready()) >= ctx.book.charter.threshold:
            return await reject(ctx, transaction, found)
        await ctx.hub.change(1.0)


async def reject(ctx: Context, transaction: Transaction, found: Admissions) -> Transaction:
    """Nobody can act on it: fewer than t signers have its evidence."""
    refusals: list[Refusal] = found.refusals
    lines = [line for refusal in refusals for line in refusal.lines()] + [f.message for f in found.failures]
    summary = refusals[0].summary if refusals else "signers_unreachable"
    needed = ctx.book.charter.threshold
    first = f"{len(found.signed)} of {needed} needed signers admitted the request"
    return await ctx.ledger.save(
        transaction, event=Event.VETOED, sub_status=summary, system_messages=messages("BLOCK", first, *lines)
    )
