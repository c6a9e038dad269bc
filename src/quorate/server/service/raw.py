"""Messages, RAW or typed, from admission to their signatures."""

import asyncio

from quorate.core.model.intent import Intent
from quorate.server.service import finish
from quorate.server.service.ask import ask_people
from quorate.server.service.context import Context
from quorate.server.service.sign import Signing, sign
from quorate.server.store.rows import Transaction


async def sign_raw(
    ctx: Context,
    transaction: Transaction,
    intent: Intent,
    cancelled: asyncio.Event,
    *,
    opened: tuple[str, ...] | None,
) -> Transaction:
    """The row is finished afterwards, or still PENDING_SIGNATURE when a share may be out and no signature was
    seen.
    """
    signing = await sign(ctx, transaction, intent, opened=opened, cancelled=cancelled)
    return (
        await _unsigned(ctx, signing) if signing.outcome is None else await finish.complete_raw(ctx, signing)
    )


async def _unsigned(ctx: Context, signing: Signing) -> Transaction:
    if signing.transaction.released:
        return await finish.hold(ctx, signing.transaction, signing.refusals)
    if signing.cancelled:
        return await finish.cancel(ctx, signing.transaction)
    if any(refusal.asks_people for refusal in signing.refusals):
        return await ask_people(ctx, signing.transaction, signing.refusals)
    if signing.refusals:
        return await finish.refuse(ctx, signing.transaction, signing.refusals)
    return await finish.fail(ctx, signing.transaction, "expired", finish.TOO_FEW)
