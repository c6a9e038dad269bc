"""The bytes of a transfer or a call: nonce, fees and gas from the chain; what they do from the intent. Runs
under the sender's lock.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from quorate.core.chains.evm.build import build as build_bytes
from quorate.core.chains.evm.build import take_back
from quorate.core.chains.evm.decode import decode
from quorate.core.errors import QuorateError
from quorate.core.faults import point
from quorate.core.model.charter import Chain
from quorate.core.model.intent import Intent
from quorate.core.model.lifecycle import FINISHED, Event
from quorate.server import faults
from quorate.server.chains.evm_client import EvmClient
from quorate.server.service.context import Context
from quorate.server.service.families.place import find_place
from quorate.server.service.families.replacement import Replacement
from quorate.server.service.prediction import wants_people
from quorate.server.service.sign import open_session
from quorate.server.store import nonces, statements, transactions
from quorate.server.store.rows import Transaction

PLAIN_TRANSFER: Final = 21_000
"""Gas of a transfer to an account without code (Yellow Paper, G_transaction)."""
RESET_CHECKS: Final = 3

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Price:
    """Wei per unit of gas, and units of gas."""

    max_fee: int
    tip: int
    gas: int


async def build(
    ctx: Context, transaction: Transaction, intent: Intent, members: tuple[str, ...]
) -> Transaction:
    """Makes nonce, bytes and the number of the first session durable, then returns. Bytes that approvers were
    shown are used as they are while nonce and fees still fit.

    Raises QuorateError: insufficient_funds, fee_ceiling, execution_reverted (clear failures); chain_* (try
    again).
    """
    chain, client, sender = find_place(ctx, transaction, intent, EvmClient)
    nonce = await _next_nonce(ctx, client, sender)
    price = await _price(ctx, chain, client, sender, intent)
    data = await _shown(ctx, transaction, client, nonce) or _bytes(ctx, chain, intent, nonce, price)
    number, step = open_session(transaction, members)
    built = await ctx.ledger.save(
        transaction,
        step,
        lambda connection: nonces.set_next_nonce(connection, chain.id, sender, nonce + 1),
        event=Event.OPENED,
        attempt_bytes=data,
        nonce=nonce,
        session=number,
    )
    point(faults.NONCE_ALLOCATED)
    return built


async def first_attempt(ctx: Context, transaction: Transaction, intent: Intent) -> bytes:
    """The bytes as they would be signed now, for people to look at. Nothing is reserved: by the time they
    have answered, another transfer may have the nonce, and fees may be others. Raises as `build`.
    """
    chain, client, sender = find_place(ctx, transaction, intent, EvmClient)
    nonce = await _next_nonce(ctx, client, sender)
    return _bytes(ctx, chain, intent, nonce, await _price(ctx, chain, client, sender, intent))


async def replacement(ctx: Context, transaction: Transaction, intent: Intent, wanted: Replacement) -> bytes:
    """The same nonce at a price that nodes take in place of all that were offered, and that the market asks.

    Raises QuorateError fee_ceiling; chain_* (try again).
    """
    chain, client, sender = find_place(ctx, transaction, intent, EvmClient)
    offered = [decode(data) for data in wanted.earlier]
    nonce, gas = offered[0].nonce, PLAIN_TRANSFER if wanted.cancels else offered[0].gas
    block, tip = await client.block(), await client.tip()
    least = max(_dearer(each.max_fee) for each in offered)
    if least * gas > wanted.ceiling:
        raise QuorateError(
            "fee_ceiling",
            f"nodes take no less than {least * gas} wei in its place, the ceiling is {wanted.ceiling}",
            "caller",
            "wait, or take it back",
        )
    max_fee = max(least, min(2 * block.base_fee + tip, wanted.ceiling // gas))
    tip = min(max_fee, max(tip, *(_dearer(each.max_priority) for each in offered)))
    if wanted.cancels:
        return take_back(chain, sender, nonce=nonce, max_fee=max_fee, max_priority=tip, gas=gas)
    return _bytes(ctx, chain, intent, nonce, Price(max_fee, tip, gas))


def _dearer(price: int) -> int:
    """What nodes ask of a transaction that takes the place of another: a tenth more is usual, an eighth is
    taken everywhere.
    """
    return price + -(-price // 8) + 1


async def _shown(ctx: Context, transaction: Transaction, client: EvmClient, nonce: int) -> bytes | None:
    """What approvers were shown, unless its nonce is taken or its fee could miss the next block."""
    if not wants_people(ctx.book.charter.policy):
        return None
    first = await ctx.database.read(lambda connection: statements.first_attempt(connection, transaction.id))
    if first is None:
        return None
    shown, block = decode(first), await client.block()
    fits = shown.nonce == nonce and shown.max_fee >= block.base_fee * 9 // 8 + shown.max_priority
    return first if fits else None


async def _next_nonce(ctx: Context, client: EvmClient, sender: str) -> int:
    """The stored counter, unless the chain is ahead of it (another wallet used the key) or has
    started anew."""
    chain = client.chain.id
    on_chain = await client.nonce(sender, pending=True)
    stored = await ctx.database.read(lambda connection: nonces.next_nonce(connection, chain, sender))
    if stored <= on_chain or await _chain_was_reset(ctx, client, sender):
        return on_chain
    return stored


async def _chain_was_reset(ctx: Context, client: EvmClient, sender: str) -> bool:
    """Whether the chain has forgotten what the account sent last: a development chain that began again. A
    node that lags behind the one that mined it is given time first.
    """
    chain = client.chain.id
    newest = await ctx.database.read(lambda connection: transactions.newest_sent(connection, chain, sender))
    if newest is None or newest.transaction_hash is None or newest.status not in FINISHED:
        return False
    for attempt in range(RESET_CHECKS):
        if await client.knows(bytes.fromhex(newest.transaction_hash.removeprefix("0x"))):
            return False
        await asyncio.sleep(0.3 * (attempt + 1))
    log.warning(
        "%s has forgotten %s: nonces of %s start from the chain's", chain, newest.transaction_hash, sender
    )
    return True


async def _price(ctx: Context, chain: Chain, client: EvmClient, sender: str, intent: Intent) -> Price:
    block, tip = await client.block(), await client.tip()
    gas = await _gas(ctx, chain, client, sender, intent)
    wanted = 2 * block.base_fee + tip
    affordable = (intent.fee_ceiling or 0) // gas
    if affordable <= block.base_fee:
        message = f"{gas} gas at {block.base_fee} wei exceed the fee ceiling of {intent.fee_ceiling}"
        raise QuorateError("fee_ceiling", message, "caller", "wait for lower fees or raise the ceiling")
    max_fee = min(wanted, affordable)
    await _check_funds(client, sender, intent, gas * max_fee)
    return Price(max_fee, min(tip, max_fee), gas)


async def _gas(ctx: Context, chain: Chain, client: EvmClient, sender: str, intent: Intent) -> int:
    await _check_funds(client, sender, intent, 0)
    call = decode(_bytes(ctx, chain, intent, 0, Price(0, 0, 0)))
    try:
        estimate = await client.estimate_gas(sender, call.to or "", call.value, call.data)
    except QuorateError as failure:
        if failure.code != "chain_error":
            raise
        message = f"the chain says that execution would fail: {failure.message}"
        raise QuorateError(
            "execution_reverted", message, "caller", "check destination, token and balance"
        ) from None
    return estimate if estimate == PLAIN_TRANSFER else estimate * 5 // 4


async def _check_funds(client: EvmClient, sender: str, intent: Intent, fee: int) -> None:
    effect = intent.effects[0] if intent.effects else None
    sent = 0 if effect and effect.token else intent.amount or 0
    native = await client.balance(sender, pending=True)
    if native < fee + sent:
        raise _insufficient(f"{sender} holds {native} wei, too little for amount and fee")
    if effect is not None and effect.token is not None:
        held = await client.balance(sender, effect.token, pending=True)
        if held < effect.amount:
            raise _insufficient(f"{sender} holds {held} units of {intent.asset}, {effect.amount} are wanted")


def _bytes(ctx: Context, chain: Chain, intent: Intent, nonce: int, price: Price) -> bytes:
    return build_bytes(
        intent,
        chain,
        ctx.book.charter.assets,
        nonce=nonce,
        max_fee=price.max_fee,
        max_priority=price.tip,
        gas=price.gas,
    )


def _insufficient(message: str) -> QuorateError:
    return QuorateError("insufficient_funds", message, "caller", "fund the vault account")
