"""The bytes of a TRON transfer: reference block and times from the chain's newest block, fee limit from an
estimate; effects from the intent. Runs under the sender's lock.
"""

from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.engine import Connection

from quorate.core.chains.tron import fee
from quorate.core.chains.tron.build import build as build_bytes
from quorate.core.chains.tron.decode import read_tx
from quorate.core.errors import QuorateError
from quorate.core.faults import point
from quorate.core.model.charter import Chain
from quorate.core.model.intent import Effect, Intent
from quorate.core.model.lifecycle import Event
from quorate.server import faults
from quorate.server.chains.tron_http import Block, TronClient
from quorate.server.service.context import Context
from quorate.server.service.families.place import find_place
from quorate.server.service.sign import open_session
from quorate.server.store import nonces
from quorate.server.store.rows import Transaction

LIFE_S: Final = 300
"""Seconds from the newest block to the expiration. Signers refuse more than ten minutes by their clocks."""


@dataclass(frozen=True, slots=True)
class Draft:
    """All that the bytes say besides the effect. `timestamp` in Unix milliseconds, `fee_limit` in sun."""

    chain: Chain
    sender: str
    block: Block
    timestamp: int
    fee_limit: int = 0


async def build(
    ctx: Context, transaction: Transaction, intent: Intent, members: tuple[str, ...]
) -> Transaction:
    """Makes timestamp, bytes and the number of the first session durable, then returns.

    Raises QuorateError: insufficient_funds, fee_ceiling, execution_reverted (clear failures); chain_* (try
    again).
    """
    client, draft = await _draft(ctx, transaction, intent)
    data = await _bytes_within_ceiling(ctx, client, intent, draft)
    number, step = open_session(transaction, members)

    def use_timestamp(connection: Connection) -> None:
        nonces.set_next_nonce(connection, draft.chain.id, draft.sender, draft.timestamp + 1)

    built = await ctx.ledger.save(
        transaction, step, use_timestamp, event=Event.OPENED, attempt_bytes=data, session=number
    )
    point(faults.NONCE_ALLOCATED)
    return built


async def first_attempt(ctx: Context, transaction: Transaction, intent: Intent) -> bytes:
    """The bytes as they would be signed now, for approvers to look at. They expire before most answers come,
    and are built anew. Raises as `build`.
    """
    client, draft = await _draft(ctx, transaction, intent)
    return await _bytes_within_ceiling(ctx, client, intent, draft)


async def _draft(ctx: Context, transaction: Transaction, intent: Intent) -> tuple[TronClient, Draft]:
    chain, client, sender = find_place(ctx, transaction, intent, TronClient)
    block = await client.block()
    return client, Draft(chain, sender, block, await _timestamp(ctx, chain.id, sender, block))


async def _timestamp(ctx: Context, chain: str, sender: str, block: Block) -> int:
    """The block's, or later: never the same twice for one account. Two equal transfers with equal times would
    be one transaction, which the chain executes once.
    """
    unused = await ctx.database.read(lambda connection: nonces.next_nonce(connection, chain, sender))
    return max(block.timestamp, unused)


async def _bytes_within_ceiling(ctx: Context, client: TronClient, intent: Intent, draft: Draft) -> bytes:
    """Funds first: an execution that fails for want of tokens is not told from any other failure."""
    effect, ceiling = intent.effects[0], intent.fee_ceiling or 0
    await _check_amount(client, draft.sender, intent)
    energy = price = limit = 0
    if effect.token is not None:
        energy = await _energy(client, draft.sender, effect.token, effect)
        price = await client.fee_hint()
        limit = _fee_limit(ctx, intent, draft, energy * price)
    data = _bytes(ctx, intent, replace(draft, fee_limit=limit))
    _check_ceiling(fee.most(read_tx(data)), ceiling)
    await _check_fee(client, draft.sender, effect, data, energy, price)
    return data


def _fee_limit(ctx: Context, intent: Intent, draft: Draft, estimate: int) -> int:
    """A quarter more than the estimate, for energy costs that rise while the bytes wait; at most what the
    ceiling leaves beside the bandwidth. All in sun.
    """
    ceiling = intent.fee_ceiling or 0
    widest = fee.most(read_tx(_bytes(ctx, intent, replace(draft, fee_limit=ceiling))))
    bandwidth = widest - ceiling
    _check_ceiling(estimate + bandwidth, ceiling)
    return min(estimate * 5 // 4, ceiling - bandwidth)


async def _energy(client: TronClient, sender: str, token: str, effect: Effect) -> int:
    try:
        return await client.energy(sender, token, effect.to, effect.amount)
    except QuorateError as failure:
        if failure.code != "chain_error":
            raise
        message = f"the chain says that execution would fail: {failure.message}"
        raise QuorateError(
            "execution_reverted", message, "caller", "check destination, token and balance"
        ) from None


async def _check_amount(client: TronClient, sender: str, intent: Intent) -> None:
    effect = intent.effects[0]
    held = await client.balance(sender, effect.token)
    if held < effect.amount:
        raise _insufficient(f"{sender} holds {held} units of {intent.asset}, {effect.amount} are wanted")


async def _check_fee(
    client: TronClient, sender: str, effect: Effect, data: bytes, energy: int, price: int
) -> None:
    """What will be burned now, in TRX: what the account has of bandwidth and energy costs nothing."""
    has, prices = await client.resources(sender), fee.MAINNET
    size = len(data) + fee.ENVELOPE + fee.SIGNATURE + fee.RESULT
    due = 0 if has.carries(size) else size * prices.transaction
    due += max(0, energy - has.energy) * price
    if effect.token is None:
        due += effect.amount
        if not await client.exists(effect.to):
            due += prices.create_account + prices.create_account_in_contract
    held = await client.balance(sender)
    if held < due:
        raise _insufficient(f"{sender} holds {held} sun, {due} are needed for amount and fee")


def _bytes(ctx: Context, intent: Intent, draft: Draft) -> bytes:
    return build_bytes(
        intent,
        draft.chain,
        ctx.book.charter.assets,
        sender=draft.sender,
        block_id=bytes.fromhex(draft.block.hash),
        expiration=draft.block.timestamp + 1000 * LIFE_S,
        timestamp=draft.timestamp,
        fee_limit=draft.fee_limit,
    )


def _check_ceiling(most: int, ceiling: int) -> None:
    if most > ceiling:
        message = f"a fee of up to {most} sun exceeds the ceiling of {ceiling}"
        raise QuorateError("fee_ceiling", message, "caller", "raise the ceiling")


def _insufficient(message: str) -> QuorateError:
    return QuorateError("insufficient_funds", message, "caller", "fund the vault account")
