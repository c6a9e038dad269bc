"""Hands the signed transaction to the chain until a node has it."""

import asyncio
import logging
from typing import Final

from quorate.core.errors import QuorateError
from quorate.core.faults import point
from quorate.core.model.lifecycle import Event
from quorate.server import clock, faults
from quorate.server.chains.interface import ChainClient
from quorate.server.service.context import Context
from quorate.server.service.families import family_of
from quorate.server.service.ledger import messages
from quorate.server.store.rows import Transaction

LONGEST_PAUSE: Final = 5.0
log = logging.getLogger(__name__)


async def broadcast(ctx: Context, transaction: Transaction, wanted: asyncio.Event) -> Transaction:
    """CONFIRMING once a node took it. Never fails: signed bytes stay executable, so they are offered until
    the chain has decided, which `follow` finds out; or as it stands, once something else is `wanted`.
    """
    client = client_of(ctx, transaction)
    pause = 0.25
    while True:
        try:
            await client.broadcast(*signed_bytes(transaction))
            break
        except QuorateError as failure:
            log.warning("%s: broadcast: %s", transaction.id, failure)
            words = messages("WARN", f"not accepted by the chain yet: {failure.message}")
            if words != transaction.system_messages:
                transaction = await ctx.ledger.save(transaction, system_messages=words)
        if await decided(client, transaction):
            break
        if await clock.within(pause, wanted):
            return transaction
        pause = min(LONGEST_PAUSE, 2 * pause)
    point(faults.BROADCAST)
    confirming = await ctx.ledger.save(transaction, event=Event.BROADCAST, system_messages="[]")
    point(faults.CONFIRMING_STORED)
    return confirming


async def decided(client: ChainClient, transaction: Transaction) -> bool:
    """Whether what the transaction uses is used up on chain, by it or by another."""
    return await family_of(transaction.chain).decided(client, transaction)


def client_of(ctx: Context, transaction: Transaction) -> ChainClient:
    """Raises QuorateError chain_missing."""
    client = ctx.chains.get(transaction.chain or "")
    if client is None:
        raise QuorateError(
            "chain_missing", f"chain {transaction.chain} has no node in server.json", "state", "add its URL"
        )
    return client


def signed_bytes(transaction: Transaction) -> tuple[bytes, bytes]:
    """The signed transaction and its id, as the chain's client takes them."""
    if transaction.raw_transaction is None or transaction.transaction_hash is None:
        raise ValueError("the transaction is not signed")
    return transaction.raw_transaction, family_of(transaction.chain).id_of(transaction.transaction_hash)
