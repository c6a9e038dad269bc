"""The same request once more: because signers are just coming back, or after a restart between the durable
row and the durable admissions. A signer that admitted it gives the same receipt; one that did not admits it
only while the token is fresh.
"""

import asyncio
import logging
from typing import Final

from quorate.core.evidence import token
from quorate.core.model.lifecycle import Event
from quorate.server import clock
from quorate.server.refusal import Refusal
from quorate.server.service.admit import Admissions, admit
from quorate.server.service.context import Context
from quorate.server.service.ledger import messages
from quorate.server.store.rows import Transaction

AGAIN_AFTER: Final = 0.5
log = logging.getLogger(__name__)


async def admit_soon(ctx: Context, transaction: Transaction, wanted: frozenset[str]) -> Admissions:
    """As `admit`; but when too few signers are there, or may vote, the others get `timeouts.attach` seconds.

    Whoever admitted a request keeps its externalTxId for it. A request that is given up too early, while a
    restarted server waits for its signers, could then not be sent again.
    """
    charter = ctx.book.charter
    until = asyncio.get_running_loop().time() + ctx.config.timeouts.attach
    while True:
        found = await admit(ctx, transaction, wanted)
        verdicts = [refusal for refusal in found.refusals if refusal.is_verdict]
        hopeless = len(verdicts) > len(charter.signers) - charter.threshold
        left = until - asyncio.get_running_loop().time()
        if len(found.signed) >= charter.threshold or hopeless or left <= 0:
            return found
        await ctx.hub.change(min(left, AGAIN_AFTER))


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
