"""Follows a broadcast transaction to its confirmation, or to the proof that it can no longer execute."""

import asyncio
import logging
from typing import Any, Final

from quorate.core.errors import QuorateError
from quorate.core.faults import point
from quorate.core.model.lifecycle import Event, Status
from quorate.server import faults
from quorate.server.chains.interface import ChainClient, Receipt
from quorate.server.service import finish
from quorate.server.service.broadcast import client_of, decided, signed_bytes
from quorate.server.service.context import Context
from quorate.server.store.rows import Transaction

FIRST_PAUSE: Final = 0.05
LONGEST_PAUSE: Final = 2.0
REPLACED_AFTER: Final = 8
"""Consecutive looks at which it could no longer execute and no node knew this transaction."""

log = logging.getLogger(__name__)


async def follow(ctx: Context, transaction: Transaction) -> Transaction:
    """COMPLETED after the configured number of blocks; FAILED when it was mined and reverted, or when its
    bytes can no longer execute. Mining is asynchronous even on a development chain: the receipt is
    polled.
    """
    client = client_of(ctx, transaction)
    needed = ctx.config.confirmations.get(client.chain.id, 1)
    pause, replaced = FIRST_PAUSE, 0
    while True:
        try:
            receipt = await client.receipt(signed_bytes(transaction)[1])
            if receipt is not None:
                transaction = await _note(ctx, client, transaction, receipt, needed)
                if transaction.status != Status.CONFIRMING:
                    return transaction
                replaced = 0
            elif await decided(client, transaction) and not await client.knows(signed_bytes(transaction)[1]):
                replaced += 1
                if replaced >= REPLACED_AFTER:
                    return await _replaced(ctx, transaction)
            elif pause >= LONGEST_PAUSE:
                await client.broadcast(*signed_bytes(transaction))  # a node may have dropped it from its pool
        except QuorateError as failure:
            log.warning("%s: %s", transaction.id, failure)
        await asyncio.sleep(pause)
        pause = min(LONGEST_PAUSE, 1.5 * pause)


async def _note(
    ctx: Context, client: ChainClient, transaction: Transaction, receipt: Receipt, needed: int
) -> Transaction:
    confirmations = max(1, (await client.block()).height - receipt.height + 1)
    seen: dict[str, Any] = {
        "block_height": receipt.height,
        "block_hash": receipt.block_hash,
        "network_fee": None if receipt.fee is None else str(receipt.fee),
        "confirmations": confirmations,
    }
    if confirmations < needed:
        if (transaction.confirmations, transaction.block_hash) == (confirmations, receipt.block_hash):
            return transaction
        return await ctx.ledger.save(transaction, **seen)
    point(faults.RECEIPT_SEEN)
    if receipt.succeeded:
        finished = await ctx.ledger.save(transaction, event=Event.CONFIRMED, **seen)
    else:
        mined = await ctx.ledger.save(transaction, **seen)
        finished = await finish.fail(
            ctx, mined, "execution_reverted", "mined, but its execution was reverted"
        )
    point(faults.FINISHED)
    return finished


async def _replaced(ctx: Context, transaction: Transaction) -> Transaction:
    explanation = "what it would use was used by another transaction, or it expired: it can no longer execute"
    return await finish.fail(ctx, transaction, "replaced", explanation)
