"""A transfer or a call from admission to its signed bytes. The sender's lock is held from nonce to signature,
so that nonces leave no gap.
"""

import asyncio
from functools import partial
from typing import Final

from quorate.core.errors import QuorateError
from quorate.core.faults import point
from quorate.core.model.intent import Intent
from quorate.core.model.lifecycle import Event, Status
from quorate.server import clock, faults
from quorate.server.service import finish, room
from quorate.server.service.ask import ask_people
from quorate.server.service.broadcast import client_of, decided
from quorate.server.service.context import Context
from quorate.server.service.families import family_of
from quorate.server.service.ledger import Step
from quorate.server.service.sign import Signing, has_votes, sign
from quorate.server.store import versions
from quorate.server.store.rows import Transaction

CLEAR_FAILURES: Final = frozenset(
    {"insufficient_funds", "fee_ceiling", "execution_reverted", "unbuildable", "dust", "too_large"}
)
RETRY_AFTER: Final = 1.0
DIED: Final = "the bytes that signers had voted for expired before enough of them signed"


async def sign_transfer(
    ctx: Context, transaction: Transaction, intent: Intent, cancelled: asyncio.Event
) -> Transaction:
    """Runs under the lock of (chain, sender). The row is BROADCASTING afterwards, or finished, or still
    PENDING_SIGNATURE when a share may be out and no signature was seen (`orphan.py`); or QUEUED again, where
    others may take the place of bytes that expired (`room.py`).
    """
    while True:
        members = None
        if transaction.attempt_bytes is None:
            members = await _first_set(ctx, intent, cancelled)
            if members is None:
                return await _unsigned(ctx, Signing(transaction, None, cancelled=cancelled.is_set()))
            built = await _build(ctx, transaction, intent, members, cancelled)
            if built.attempt_bytes is None:
                return built
            transaction = built
        expired = partial(_expired, ctx) if room.dies(ctx, transaction) else None
        earlier = await room.set_aside(ctx, transaction)
        signing = await sign(
            ctx, transaction, intent, opened=members, cancelled=cancelled, expired=expired, earlier=earlier
        )
        if not signing.stale:
            break
        if await has_votes(ctx, signing.transaction):
            return await _make_room(ctx, signing)
        transaction = await _requeue(ctx, signing.transaction, attempt_bytes=None)
    if room.is_healed_by_time(ctx, signing, intent):
        return await _requeue(ctx, signing.transaction)
    return await _unsigned(ctx, signing) if signing.outcome is None else await attach_signature(ctx, signing)


async def _make_room(ctx: Context, signing: Signing) -> Transaction:
    """QUEUED for other bytes, the expired ones kept; finished where signers would not take others."""
    if not room.can_come(ctx, signing.transaction):
        return await _unsigned(ctx, signing)
    keep = partial(versions.set_aside, transaction=signing.transaction)
    return await _requeue(ctx, signing.transaction, keep, attempt_bytes=None)


async def _requeue(ctx: Context, transaction: Transaction, *steps: Step, **changes: None) -> Transaction:
    """It is QUEUED already where no session was opened since."""
    event = None if transaction.status == Status.QUEUED else Event.REQUEUED
    return await ctx.ledger.save(transaction, *steps, event=event, **changes)


async def _expired(ctx: Context, transaction: Transaction) -> bool:
    return await decided(client_of(ctx, transaction), transaction)


async def _first_set(ctx: Context, intent: Intent, cancelled: asyncio.Event) -> tuple[str, ...] | None:
    while clock.seconds() < intent.expires_at and not cancelled.is_set():
        members = ctx.roster.choose()
        if members is not None:
            return members
        await ctx.hub.change(1.0)
    return None


async def _build(
    ctx: Context, transaction: Transaction, intent: Intent, members: tuple[str, ...], cancelled: asyncio.Event
) -> Transaction:
    """With bytes, or finished. A chain that cannot be reached is asked again while the intent lives."""
    while not cancelled.is_set():
        try:
            return await family_of(transaction.chain).build(ctx, transaction, intent, members)
        except QuorateError as failure:
            if failure.code in CLEAR_FAILURES or clock.seconds() + RETRY_AFTER >= intent.expires_at:
                return await finish.fail(ctx, transaction, failure.code, failure.message)
        await clock.within(RETRY_AFTER, cancelled)
    return await finish.cancel(ctx, transaction)


async def attach_signature(ctx: Context, signing: Signing) -> Transaction:
    """Signature and bytes become the transaction that is broadcast; durable before any node sees it."""
    transaction, outcome = signing.transaction, signing.outcome
    if outcome is None or outcome.result is None:
        raise ValueError("there is no signature to attach")
    raw, name = family_of(transaction.chain).attach(transaction, outcome.result)
    point(faults.RESULT_RECEIVED)
    stored = await finish.save_result(
        ctx, signing, event=Event.SIGNED, raw_transaction=raw, transaction_hash=name
    )
    point(faults.RESULT_STORED)
    return stored


async def _unsigned(ctx: Context, signing: Signing) -> Transaction:
    """No signature: what the bytes would have used is free again."""
    transaction = signing.transaction
    steps = give_back(transaction)
    if transaction.released:
        return await finish.hold(ctx, transaction, signing.refusals, *steps)
    if signing.cancelled:
        return await finish.cancel(ctx, transaction, *steps)
    if signing.stale:
        return await finish.fail(ctx, transaction, "expired", DIED, *steps)
    if any(refusal.asks_people for refusal in signing.refusals):
        return await ask_people(ctx, transaction, signing.refusals, *steps)
    if signing.refusals:
        return await finish.refuse(ctx, transaction, signing.refusals, *steps)
    return await finish.fail(ctx, transaction, "expired", finish.TOO_FEW, *steps)


def give_back(transaction: Transaction) -> list[Step]:
    """What frees what the unsigned bytes would have used. RAW uses nothing up."""
    if transaction.chain is None or transaction.attempt_bytes is None:
        return []
    step = family_of(transaction.chain).give_back(transaction)
    return [] if step is None else [step]
