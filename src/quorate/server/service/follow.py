"""Follows a broadcast transaction to its confirmation, or to the proof that it can no longer execute."""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from quorate.core.errors import QuorateError
from quorate.core.faults import point
from quorate.core.model.lifecycle import Event, Status
from quorate.server import clock, faults
from quorate.server.chains.interface import ChainClient, Receipt
from quorate.server.service import finish
from quorate.server.service.broadcast import client_of, decided, signed_bytes
from quorate.server.service.context import Context
from quorate.server.service.families import family_of
from quorate.server.service.ledger import messages
from quorate.server.store import transactions, versions
from quorate.server.store.rows import Transaction
from quorate.server.store.versions import Version

FIRST_PAUSE: Final = 0.05
LONGEST_PAUSE: Final = 2.0
REPLACED_AFTER: Final = 8
"""Consecutive looks at which it could no longer execute and no node knew this transaction."""
UNSURE: Final = (
    "it can no longer execute under this name, and perhaps other signatures of the same bytes did. Look on "
    "the chain before it is paid again"
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """A version that was executed; None where the transaction has one set of bytes."""

    version: Version | None
    receipt: Receipt


async def follow(ctx: Context, transaction: Transaction, wanted: asyncio.Event) -> Transaction:
    """COMPLETED after the configured number of blocks; FAILED when it was mined and reverted, when its bytes
    can no longer execute and were not executed, or when those that take it back were mined. Mining is
    asynchronous even on a development chain: the receipt is polled. As it stands once something else is
    `wanted`.
    """
    client = client_of(ctx, transaction)
    known = await ctx.database.read(partial(versions.of_transaction, id=transaction.id))
    pause, replaced = FIRST_PAUSE, 0
    while True:
        try:
            found = await _executed(client, transaction, known)
            if found is not None:
                transaction = await _note(ctx, client, transaction, found)
                if transaction.status != Status.CONFIRMING:
                    return transaction
                replaced = 0
            elif await _is_gone(client, transaction, known):
                replaced += 1
                if replaced >= REPLACED_AFTER and not await _may_have_other_names(ctx, transaction):
                    return await _replaced(ctx, transaction)
                if replaced == REPLACED_AFTER:
                    transaction = await ctx.ledger.save(transaction, system_messages=messages("WARN", UNSURE))
            elif pause >= LONGEST_PAUSE:
                await client.broadcast(*signed_bytes(transaction))  # a node may have dropped it from its pool
        except QuorateError as failure:
            log.warning("%s: %s", transaction.id, failure)
        if await clock.within(pause, wanted):
            return transaction
        pause = min(LONGEST_PAUSE, 1.5 * pause)


async def _executed(client: ChainClient, transaction: Transaction, known: Sequence[Version]) -> Found | None:
    """The version that the chain executed: one at most can be."""
    for version in _signed(known):
        receipt = await client.receipt(_id(transaction, version))
        if receipt is not None:
            return Found(version, receipt)
    return None


async def _is_gone(client: ChainClient, transaction: Transaction, known: Sequence[Version]) -> bool:
    """What it uses is used up, and no node knows any of its versions. Never said while one may be out whose
    name this server does not know.
    """
    if any(version.released and version.transaction_hash is None for version in known):
        return False
    if not await decided(client, transaction):
        return False
    for version in _signed(known):
        if await client.knows(_id(transaction, version)):
            return False
    return True


async def _may_have_other_names(ctx: Context, transaction: Transaction) -> bool:
    """Whether a session that ended without a result had all votes: a dishonest member may have finished its
    signature, and given the transaction another name by that.
    """
    if not family_of(transaction.chain).named_by_signature(transaction):
        return False
    sessions = await ctx.database.read(partial(transactions.sessions_of, id=transaction.id))
    return any(session.outcome != "done" and _had_all_votes(session) for session in sessions)


def _had_all_votes(session: transactions.Session) -> bool:
    """One that a crash interrupted says nothing of its votes."""
    return session.outcome == "open" or json.loads(session.votes).keys() >= set(json.loads(session.members))


def _signed(known: Sequence[Version]) -> Sequence[Version | None]:
    """None stands for the bytes of the row, where there are no others."""
    return [version for version in known if version.transaction_hash is not None] or [None]


def _id(transaction: Transaction, version: Version | None) -> bytes:
    name = (transaction if version is None else version).transaction_hash
    return family_of(transaction.chain).id_of(name or "")


async def _note(ctx: Context, client: ChainClient, transaction: Transaction, found: Found) -> Transaction:
    receipt, needed = found.receipt, ctx.config.confirmations.get(client.chain.id, 1)
    confirmations = max(1, (await client.block()).height - receipt.height + 1)
    seen: dict[str, Any] = {
        **_taken(transaction, found.version),
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
    finished = await _finish(ctx, transaction, found, seen)
    point(faults.FINISHED)
    return finished


async def _finish(ctx: Context, transaction: Transaction, found: Found, seen: dict[str, Any]) -> Transaction:
    cancels = found.version is not None and found.version.cancels
    if found.receipt.succeeded and not cancels:
        return await ctx.ledger.save(transaction, event=Event.CONFIRMED, **seen)
    mined = await ctx.ledger.save(transaction, **seen)
    if cancels:
        return await finish.fail(ctx, mined, "dropped", "taken back: bytes that pay nobody were mined")
    return await finish.fail(ctx, mined, "execution_reverted", "mined, but its execution was reverted")


def _taken(transaction: Transaction, version: Version | None) -> dict[str, Any]:
    """What the row says of the version that the chain took, where it is not the newest."""
    if version is None or version.transaction_hash == transaction.transaction_hash:
        return {}
    names = ("attempt_bytes", "raw_transaction", "transaction_hash", "result", "signed_by")
    return {**{name: getattr(version, name) for name in names}, "replaced_hash": None}


async def _replaced(ctx: Context, transaction: Transaction) -> Transaction:
    explanation = "what it would use was used by another transaction, or it expired: it can no longer execute"
    return await finish.fail(ctx, transaction, "replaced", explanation)
