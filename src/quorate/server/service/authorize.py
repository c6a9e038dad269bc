"""Before anything is signed: does the policy want approvals, and are they there?

The server runs the signers' own pure policy, to know when it is worth asking them. What it believes decides
nothing: signers verify every statement and decide for themselves.
"""

import asyncio
from typing import Final

from quorate.core.errors import QuorateError
from quorate.core.evidence.approval import Approval
from quorate.core.faults import point
from quorate.core.model.intent import Intent
from quorate.core.model.lifecycle import FINISHED, Event, Status
from quorate.server import clock, faults
from quorate.server.service import finish
from quorate.server.service.ask import ask, keep
from quorate.server.service.context import Context
from quorate.server.service.families import family_of
from quorate.server.service.heard import heard, vetoes
from quorate.server.service.ledger import Step
from quorate.server.service.prediction import missing
from quorate.server.service.transfer import CLEAR_FAILURES, RETRY_AFTER, give_back
from quorate.server.store.rows import Transaction

NOT_APPROVED: Final = "not approved by enough approvers until the request expired"
LOOK_AGAIN: Final = 5.0
"""Seconds after which clock and charter are looked at although nobody said anything."""


async def authorize(
    ctx: Context,
    transaction: Transaction,
    intent: Intent,
    said: asyncio.Event,
    cancelled: asyncio.Event,
    *,
    wait: bool,
) -> Transaction:
    """QUEUED when signers are to be asked, or finished: rejected, cancelled, expired, cannot be built.

    `said` is set at each statement. With `wait`, signers have just asked for more than the server knew: they
    are asked again once somebody has said something since.
    """
    if transaction.status != Status.PENDING_AUTHORIZATION and not missing(ctx, intent, ()):
        return transaction
    while transaction.status not in FINISHED:
        approvals = await heard(ctx, transaction)
        ended = await _ended(ctx, transaction, intent, approvals, cancelled)
        if ended is not None:
            return ended
        lacking = missing(ctx, intent, approvals)
        if not lacking and not wait:
            return await _approved(ctx, transaction)
        if transaction.status != Status.PENDING_AUTHORIZATION:
            transaction = await _ask(ctx, transaction, intent, lacking, cancelled)
            continue
        wait = not await _something_said(said, cancelled) and wait
    return transaction


async def _ended(
    ctx: Context,
    transaction: Transaction,
    intent: Intent,
    approvals: tuple[Approval, ...],
    cancelled: asyncio.Event,
) -> Transaction | None:
    steps = give_back(transaction)
    if by := vetoes(approvals):
        return await finish.veto(ctx, transaction, by, *steps)
    if cancelled.is_set():
        return await finish.cancel(ctx, transaction, *steps)
    if clock.seconds() >= intent.expires_at:
        return await finish.fail(ctx, transaction, "expired", NOT_APPROVED, *steps)
    if intent.charter != ctx.book.charter.hash:
        words = "the charter changed while the request waited for approvals: send it again"
        return await finish.fail(ctx, transaction, "charter_changed", words, *steps)
    return None


async def _approved(ctx: Context, transaction: Transaction) -> Transaction:
    if transaction.status != Status.PENDING_AUTHORIZATION:
        return transaction
    approved = await ctx.ledger.save(transaction, event=Event.APPROVED, sub_status="", system_messages="[]")
    point(faults.APPROVED)
    return approved


async def _ask(
    ctx: Context, transaction: Transaction, intent: Intent, lacking: tuple[str, ...], cancelled: asyncio.Event
) -> Transaction:
    """With the first attempt, which is what people are shown. A chain that cannot be reached is asked again
    while the intent lives.
    """
    steps: list[Step] = []
    if not intent.signs_messages and transaction.attempt_bytes is None:
        try:
            first = await family_of(transaction.chain).first_attempt(ctx, transaction, intent)
            steps.append(keep(transaction.id, first))
        except QuorateError as failure:
            if failure.code in CLEAR_FAILURES or clock.seconds() + RETRY_AFTER >= intent.expires_at:
                return await finish.fail(ctx, transaction, failure.code, failure.message)
            await clock.within(RETRY_AFTER, cancelled)
            return transaction
    return await ask(ctx, transaction, lacking, *steps)


async def _something_said(said: asyncio.Event, cancelled: asyncio.Event) -> bool:
    """Whether a statement came in, within `LOOK_AGAIN`."""
    waits = [asyncio.create_task(event.wait()) for event in (said, cancelled)]
    try:
        await asyncio.wait(waits, timeout=LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waits:
            task.cancel()
    came = said.is_set()
    said.clear()
    return came
