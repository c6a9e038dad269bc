"""Bytes that expired after a signer voted for them: how others come to be signed in their place.

Signers take others once two sources of the charter, which they ask themselves, show that the first ones were
executed nowhere (docs/spec/intent.md). The server keeps the expired bytes, waits until that may be so, builds
anew and brings the expired bytes along. Waiting is done outside the sender's lock.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Final

from quorate.core.chains.solana.expired import WAIT_S
from quorate.core.model.intent import Intent
from quorate.server import clock
from quorate.server.service.context import Context
from quorate.server.service.families import EXPIRING, family_name
from quorate.server.service.sign import Signing
from quorate.server.store import transactions, versions
from quorate.server.store.rows import Transaction

ENOUGH: Final = 2
AFTER_S: Final[Mapping[str, float]] = {"solana": WAIT_S + 5.0, "tron": 0.0}
"""Since the last session with the expired bytes: when signers begin to ask. On TRON the bytes say when."""
ASK_AGAIN_S: Final = 15.0
HEALED_BY_TIME: Final = ("attempt_fixed", "attempt_expiry")
"""Checks of signers whose sources, or clocks, are behind those of this server."""


def can_come(ctx: Context, transaction: Transaction) -> bool:
    """Whether signers have sources to ask, as far as the charter says."""
    named = [s.labels for s in ctx.book.charter.rpc_sources if s.chain == transaction.chain]
    return family_name(transaction.chain) in AFTER_S and any(len(labels) >= ENOUGH for labels in named)


def dies(ctx: Context, transaction: Transaction) -> bool:
    """Whether the server has to look if the bytes still live before it asks for votes on them."""
    return family_name(transaction.chain) in EXPIRING or can_come(ctx, transaction)


def is_healed_by_time(ctx: Context, signing: Signing, intent: Intent) -> bool:
    """Whether it is worth asking again later: nothing is out, and signers refused what they may take then."""
    refused = any(refusal.check in HEALED_BY_TIME for refusal in signing.refusals)
    lives = clock.seconds() + ASK_AGAIN_S < intent.expires_at
    open = signing.outcome is None and not signing.transaction.released and not signing.cancelled
    return refused and lives and open and can_come(ctx, signing.transaction)


async def set_aside(ctx: Context, transaction: Transaction) -> list[bytes]:
    """The bytes of this transaction that expired after a vote."""
    if family_name(transaction.chain) not in AFTER_S:
        return []
    return await ctx.database.read(partial(versions.expired_of, id=transaction.id))


async def wait(ctx: Context, transaction: Transaction, intent: Intent, cancelled: asyncio.Event) -> None:
    """Until signers may be asked again; at once for a request that was not asked for yet."""
    if not transaction.session or family_name(transaction.chain) not in AFTER_S:
        return
    pause = ASK_AGAIN_S
    if transaction.attempt_bytes is None:
        if not await set_aside(ctx, transaction):
            return
        sessions = await ctx.database.read(partial(transactions.sessions_of, id=transaction.id))
        last = max(session.opened_us for session in sessions)
        pause = AFTER_S[family_name(transaction.chain)] - (clock.microseconds() - last) / 1e6
    left = intent.expires_at - clock.seconds()
    await clock.within(max(0.0, min(pause, left)), cancelled)
