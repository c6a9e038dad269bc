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
from quorate.server.service.families.replacement import Replacement
from quorate.server.service.ledger import messages
from quorate.server.service.sign import Signing, refused_by_all, sign
from quorate.server.service.wishes import Wish
from quorate.server.store import versions
from quorate.server.store.rows import Transaction, dump
from quorate.server.store.versions import Version

PATIENCE_S: Final = 20.0
"""How long signers are asked at once: meanwhile the chain is not looked at."""
ASK_AGAIN_S: Final = 10.0
MOST: Final = 16
"""Versions of one transaction: all of them go to every signer with each session."""
MOST_WITH_CANCELS: Final = 24
"""So that what cannot be made dearer can still be taken back, and that be made dearer."""
log = logging.getLogger(__name__)


async def prepare(ctx: Context, transaction: Transaction, intent: Intent, wish: Wish) -> Transaction:
    """The bytes that are wished for, durable; whoever wishes is answered. Runs under the lock of (chain,
    sender). Never raises for what cannot be had.
    """
    try:
        earlier = await _known(ctx, transaction)
        _check(earlier, wish)
        ceiling = min(intent.fee_ceiling or 0, wish.ceiling or intent.fee_ceiling or 0)
        known = [version.attempt_bytes for version in earlier] or [transaction.attempt_bytes or b""]
        wanted = Replacement(known, wish.cancels, ceiling)
        data = await family_of(transaction.chain).replacement(ctx, transaction, intent, wanted)
        stored = await ctx.ledger.save(
            transaction, lambda connection: versions.add(connection, transaction, data, wish.cancels)
        )
    except QuorateError as failure:
        wish.refuse(failure)
        return transaction
    except Exception:
        wish.refuse(QuorateError("internal", "the bytes could not be made", "bug", "see the server's log"))
        raise
    point(faults.VERSION_STORED)
    wish.grant(stored)
    return stored


def _check(earlier: Sequence[Version], wish: Wish) -> None:
    """Raises QuorateError: replacement_pending, taken_back, not_replaceable."""
    if wish.cancels:
        most = MOST_WITH_CANCELS
    elif any(version.cancels for version in earlier):
        raise QuorateError("taken_back", "the transaction was taken back", "caller")
    elif any(version.released and version.raw_transaction is None for version in earlier[-1:]):
        raise QuorateError(
            "replacement_pending", "signers are still asked for the last replacement", "state", "wait"
        )
    else:
        most = MOST
    if len(earlier) >= most:
        raise QuorateError("not_replaceable", f"it has {len(earlier)} versions already", "caller")


async def sign_pending(
    ctx: Context, transaction: Transaction, intent: Intent, wanted: asyncio.Event
) -> Transaction:
    """BROADCASTING with the newest bytes once they are signed. As it stands when signers refuse them or are
    not there: bytes that all of them refused are forgotten then; where a share may be out, `wanted` is set
    later, so that signers are asked again.
    """
    known = await _known(ctx, transaction)
    pending = known[-1] if known and known[-1].raw_transaction is None else None
    if pending is None:
        return transaction
    # the row keeps the bytes that are out; these are nobody's until they are signed
    view = replace(transaction, attempt_bytes=pending.attempt_bytes, released=pending.released)
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
    """The transaction goes on with the bytes that are out. Bytes that a signer may have voted for are kept:
    its entry names them, and other signers release nothing until they were shown them.
    """
    lines = [line for refusal in signing.refusals for line in refusal.lines()] or [finish.TOO_FEW]
    log.warning("%s: not replaced: %s", transaction.id, "; ".join(lines))
    voted = signing.transaction.released or not await refused_by_all(ctx, transaction)
    steps = [] if voted else [lambda connection: versions.remove(connection, pending)]
    return await ctx.ledger.save(
        replace(transaction, session=signing.transaction.session),
        *steps,
        system_messages=messages("WARN", "not replaced", *lines),
    )
