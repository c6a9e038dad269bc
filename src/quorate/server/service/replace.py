"""Other bytes of a transaction that is signed and not mined: for a higher fee, or to take it back.

They use what the first bytes use, so that one of all versions at most takes effect; signers see to that
(`core/chains/replacement.py`). What is asked for here binds nobody: the bytes stay within the request.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from quorate.core.errors import QuorateError
from quorate.core.faults import point
from quorate.core.model.intent import Intent
from quorate.core.model.lifecycle import Event
from quorate.server import faults
from quorate.server.service import finish
from quorate.server.service.context import Context
from quorate.server.service.families import family_of
from quorate.server.service.ledger import messages
from quorate.server.service.sign import Signing, sign
from quorate.server.service.wishes import Wish
from quorate.server.store import versions
from quorate.server.store.rows import Transaction, dump
from quorate.server.store.versions import Version

PATIENCE_S: Final = 20.0
"""How long signers are asked at once: meanwhile the chain is not looked at."""
ASK_AGAIN_S: Final = 10.0
log = logging.getLogger(__name__)


async def prepare(ctx: Context, transaction: Transaction, intent: Intent, wish: Wish) -> Transaction:
    """The bytes that are wished for, durable; whoever wishes is answered. Runs under the lock of (chain,
    sender). Never raises for what cannot be had.
    """
    try:
        earlier = await _known(ctx, transaction)
        if any(version.raw_transaction is None for version in earlier):
            raise QuorateError(
                "replacement_pending", "signers are still asked for the last replacement", "state", "wait"
            )
        if not wish.cancels and any(version.cancels for version in earlier):
            raise QuorateError("taken_back", "the transaction was taken back", "caller")
        ceiling = min(intent.fee_ceiling or 0, wish.ceiling or intent.fee_ceiling or 0)
        known = [version.attempt_bytes for version in earlier] or [transaction.attempt_bytes or b""]
        data = await family_of(transaction.chain).replacement(
            ctx, transaction, intent, known, cancels=wish.cancels, ceiling=ceiling
        )
        stored = await ctx.ledger.save(
            transaction, lambda connection: versions.add(connection, transaction, data, wish.cancels)
        )
    except QuorateError as failure:
        wish.stored.set_exception(failure)
        return transaction
    point(faults.VERSION_STORED)
    wish.stored.set_result(stored)
    return stored


async def sign_pending(
    ctx: Context, transaction: Transaction, intent: Intent, wanted: asyncio.Event
) -> Transaction:
    """BROADCASTING with the newest bytes once they are signed. As it stands when signers refuse them or are
    not there: bytes of which no share can be out are forgotten then; for others `wanted` is set later, so
    that signers are asked again.
    """
    known = await _known(ctx, transaction)
    pending = next((version for version in known if version.raw_transaction is None), None)
    if pending is None:
        return transaction
    # the row keeps the bytes that are out; these are nobody's until they are signed
    view = replace(transaction, attempt_bytes=pending.attempt_bytes, released=False)
    earlier = [version.attempt_bytes for version in known if version is not pending]
    loop = asyncio.get_running_loop()
    signing = await sign(
        ctx,
        view,
        intent,
        opened=None,
        cancelled=asyncio.Event(),
        earlier=earlier,
        until=loop.time() + PATIENCE_S,
    )
    if signing.outcome is not None:
        return await _take_over(ctx, signing, pending)
    if signing.transaction.released:
        loop.call_later(ASK_AGAIN_S, wanted.set)
    return await _unsigned(ctx, transaction, signing, pending)


async def _known(ctx: Context, transaction: Transaction) -> Sequence[Version]:
    return await ctx.database.read(partial(versions.of_transaction, id=transaction.id))


async def _take_over(ctx: Context, signing: Signing, pending: Version) -> Transaction:
    view, outcome = signing.transaction, signing.outcome
    if outcome is None or outcome.result is None:
        raise ValueError("there is no signature to attach")
    raw, name = family_of(view.chain).attach(view, outcome.result)
    result, signed_by = dump([item.to_json() for item in outcome.result]), dump(sorted(outcome.votes))
    signed = replace(pending, raw_transaction=raw, transaction_hash=name, result=result, signed_by=signed_by)
    stored = await finish.save_result(
        ctx,
        signing,
        lambda connection: versions.sign(connection, signed),
        event=Event.REPLACED,
        attempt_bytes=pending.attempt_bytes,
        raw_transaction=raw,
        transaction_hash=name,
        replaced_hash=view.transaction_hash,
    )
    point(faults.VERSION_SIGNED)
    return stored


async def _unsigned(
    ctx: Context, transaction: Transaction, signing: Signing, pending: Version
) -> Transaction:
    """The transaction goes on with the bytes that are out."""
    lines = [line for refusal in signing.refusals for line in refusal.lines()] or [finish.TOO_FEW]
    log.warning("%s: not replaced: %s", transaction.id, "; ".join(lines))
    steps = [] if signing.transaction.released else [lambda connection: versions.remove(connection, pending)]
    return await ctx.ledger.save(
        replace(transaction, session=signing.transaction.session),
        *steps,
        system_messages=messages("WARN", "not replaced", *lines),
    )
