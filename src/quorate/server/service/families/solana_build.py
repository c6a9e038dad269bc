"""The bytes of a transfer: blockhash and balances from the chain; effects from the intent. Runs under the
sender's lock.
"""

from dataclasses import dataclass, replace
from typing import Final

from quorate.core.chains.solana.answers import TokenAccount
from quorate.core.chains.solana.build import Fees, Token, associated_account
from quorate.core.chains.solana.build import build as build_bytes
from quorate.core.chains.solana.rent import TOKEN_ACCOUNT, WALLET
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Chain
from quorate.core.model.intent import Effect, Intent
from quorate.core.model.lifecycle import Event
from quorate.server import clock
from quorate.server.chains.solana_client import SolanaClient
from quorate.server.service.context import Context
from quorate.server.service.families.place import find_place, missing
from quorate.server.service.sign import open_session
from quorate.server.store import transactions
from quorate.server.store.rows import Transaction

NATIVE_UNITS: Final = 1_000
"""Compute units of a transfer of SOL: 150 for each of its three instructions, and some to spare."""
TOKEN_UNITS: Final = 120_000
"""Of a transfer of tokens; the search for addresses of new accounts takes more or less."""
PRICE: Final = 50_000
"""Millionths of a lamport for a compute unit, where the fee ceiling allows it."""
LIFE_MS: Final = 600_000
"""Far longer than a blockhash lives."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a transfer needs beside its intent. `token` is None for SOL."""

    chain: Chain
    client: SolanaClient
    sender: str
    token: Token | None

    @property
    def reserve(self) -> int:
        """Lamports that signers count for the recipient's account, whether it is there or not."""
        return 0 if self.token is None else TOKEN_ACCOUNT[self.token.standard]


async def build(
    ctx: Context, transaction: Transaction, intent: Intent, members: tuple[str, ...]
) -> Transaction:
    """Makes bytes and the number of the first session durable, then returns.

    Raises QuorateError: insufficient_funds, fee_ceiling, execution_reverted, unbuildable (clear failures);
    chain_* (try again).
    """
    data = await first_attempt(ctx, transaction, intent)
    number, step = open_session(transaction, members)
    return await ctx.ledger.save(transaction, step, event=Event.OPENED, attempt_bytes=data, session=number)


async def first_attempt(ctx: Context, transaction: Transaction, intent: Intent) -> bytes:
    """The bytes as they would be signed now, also for approvers to look at: the blockhash dies before most
    answers come, and they are built anew. Raises as `build`.
    """
    place, effect = _place(ctx, transaction, intent), intent.effects[0]
    fees = _fees(place, intent.fee_ceiling or 0)
    await _check(place, effect, fees.total(1))
    return await _unlike_others(ctx, place, effect, fees)


def _place(ctx: Context, transaction: Transaction, intent: Intent) -> Place:
    chain, client, sender = find_place(ctx, transaction, intent, SolanaClient)
    asset, token = ctx.book.charter.asset(intent.asset or ""), None
    if asset is None:
        raise missing(intent)
    if asset.contract is not None:
        token = Token(asset.standard or "", asset.contract, asset.decimals)
    return Place(chain, client, sender, token)


def _fees(place: Place, ceiling: int) -> Fees:
    """At the usual price, or as much as the ceiling leaves."""
    units = NATIVE_UNITS if place.token is None else TOKEN_UNITS
    left = ceiling - place.reserve - Fees(units, 0).total(1)
    if left < 0:
        needed = ceiling - left
        message = (
            f"fee, and rent of the recipient's account, may reach {needed} lamports; the ceiling is {ceiling}"
        )
        raise QuorateError("fee_ceiling", message, "caller", "raise the ceiling")
    return Fees(units, min(PRICE, left * 1_000_000 // units))


async def _unlike_others(ctx: Context, place: Place, effect: Effect, fees: Fees) -> bytes:
    """Equal messages execute once: a payment that is the same as a recent one gets another unit limit."""
    blockhash = (await place.client.latest_blockhash()).hash
    since = clock.milliseconds() - LIFE_MS
    recent = await ctx.database.read(
        lambda connection: transactions.bytes_since(connection, place.chain.id, place.sender, since)
    )
    most = fees.total(1)
    while True:
        data = build_bytes(
            effect,
            source=place.sender,
            token=place.token,
            blockhash=blockhash,
            fees=fees,
            fee_ceiling=most,
        )
        if data not in recent:
            return data
        # one unit less: the fee does not rise
        fees = replace(fees, units=fees.units - 1)


async def _check(place: Place, effect: Effect, fee: int) -> None:
    """What the runtime would refuse. Raises QuorateError insufficient_funds, execution_reverted."""
    held = await place.client.balance(place.sender)
    if place.token is None:
        await _check_native(place, effect, held, fee)
    else:
        await _check_token(place, place.token, effect, held, fee)


async def _check_native(place: Place, effect: Effect, held: int, fee: int) -> None:
    _check_rest(place.sender, held, fee + effect.amount, "amount and fee")
    if effect.amount < WALLET and await place.client.balance(effect.to) + effect.amount < WALLET:
        message = f"{effect.to} would hold less than the {WALLET} lamports that an account needs"
        raise QuorateError("execution_reverted", message, "caller", "send more")


async def _check_token(place: Place, token: Token, effect: Effect, held: int, fee: int) -> None:
    source = await _account(place, place.sender, token)
    if source is None or source.amount < effect.amount:
        has = 0 if source is None else source.amount
        raise _insufficient(
            f"the token account of {place.sender} holds {has} units of {token.mint}, not {effect.amount}"
        )
    destination = await _account(place, effect.to, token)
    if source.frozen or (destination is not None and destination.frozen):
        raise QuorateError(
            "execution_reverted", "a token account is frozen", "caller", "ask the token's issuer"
        )
    rent = place.reserve if destination is None else 0
    _check_rest(place.sender, held, fee + rent, "fee and rent of the recipient's account")


async def _account(place: Place, owner: str, token: Token) -> TokenAccount | None:
    """The associated account, if it is there."""
    address = associated_account(owner, token)
    found = await place.client.token_accounts(owner, token.mint)
    return next((account for account in found if account.address == address), None)


def _check_rest(sender: str, held: int, spent: int, what: str) -> None:
    """An account keeps what exempts it from rent, or nothing."""
    rest = held - spent
    if rest < 0:
        raise _insufficient(f"{sender} holds {held} lamports, too little for {what}")
    if 0 < rest < WALLET:
        raise _insufficient(f"{rest} lamports would be left to {sender}; the least is {WALLET}, or nothing")


def _insufficient(message: str) -> QuorateError:
    return QuorateError("insufficient_funds", message, "caller", "fund the vault account")
