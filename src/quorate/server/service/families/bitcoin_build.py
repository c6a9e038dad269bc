"""The bytes of a transfer: coins and fee rate from the chain; payment from the intent. Runs under the
sender's lock.

Coins lie at the account's addresses and change addresses of every kind, the first of each branch. Mined ones
are spent, and the change of this account's own transactions as soon as a node has taken them. Change goes to
one place, whatever kinds are spent.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from quorate.core.chains.bitcoin import address
from quorate.core.chains.bitcoin.account import CHANGE, MAX_INPUTS
from quorate.core.chains.bitcoin.build import Built, Payment, Utxo
from quorate.core.chains.bitcoin.build import build as build_bytes
from quorate.core.chains.bitcoin.build import choose as choose_coins
from quorate.core.chains.bitcoin.holding import Holding
from quorate.core.chains.bitcoin.own import change_holding, own_holdings
from quorate.core.chains.bitcoin.transaction import read_previous
from quorate.core.errors import QuorateError
from quorate.core.faults import point
from quorate.core.model.charter import Chain
from quorate.core.model.intent import Intent
from quorate.core.model.lifecycle import Event, Status
from quorate.server import faults
from quorate.server.chains.bitcoin_core import CoreClient
from quorate.server.chains.bitcoin_esplora import EsploraClient
from quorate.server.service.context import Context
from quorate.server.service.families.place import find_place, missing
from quorate.server.service.sign import open_session
from quorate.server.store import coins, transactions, versions
from quorate.server.store.coins import Coin
from quorate.server.store.rows import Transaction

Client = CoreClient | EsploraClient
CLIENTS: Final[tuple[type[Client], ...]] = (CoreClient, EsploraClient)


@dataclass(frozen=True, slots=True)
class Place:
    """The paying account on its chain. `holdings`: where its coins lie, by address; `change`: where change
    goes, which is one of them.
    """

    chain: Chain
    client: Client
    sender: str
    holdings: Mapping[str, Holding]
    change: Holding

    def returns(self, to: str) -> bool:
        """Whether what goes there is change to a signer, and no payment."""
        own = self.holdings.get(to)
        return own is not None and own.keys[0].path[-2] == CHANGE


@dataclass(frozen=True, slots=True)
class Funds:
    """`last`: coins of held transactions. `coming`: satoshis of change that no node has taken yet."""

    free: tuple[Utxo, ...]
    last: tuple[Utxo, ...]
    coming: int


async def build(
    ctx: Context, transaction: Transaction, intent: Intent, members: tuple[str, ...]
) -> Transaction:
    """Makes coins, bytes and the number of the first session durable, then returns.

    Raises QuorateError: insufficient_funds, fee_ceiling, dust, unbuildable, too_large (clear failures);
    coins_coming, coin_reserved, chain_* (try again).
    """
    place = find(ctx, transaction, intent)
    built = await _built(ctx, place, intent)
    number, step = open_session(transaction, members)
    spent = [_coin(name) for name in built.inputs]
    stored = await ctx.ledger.save(
        transaction,
        step,
        lambda connection: coins.reserve(connection, place.chain.id, spent, transaction.id),
        event=Event.OPENED,
        attempt_bytes=built.psbt,
        session=number,
    )
    point(faults.NONCE_ALLOCATED)
    return stored


async def first_attempt(ctx: Context, transaction: Transaction, intent: Intent) -> bytes:
    """The bytes as they would be signed now, for approvers to look at: other coins may be chosen later.
    Raises as `build`.
    """
    return (await _built(ctx, find(ctx, transaction, intent), intent)).psbt


def find(ctx: Context, transaction: Transaction, intent: Intent) -> Place:
    chain, client, sender = find_place(ctx, transaction, intent, CLIENTS)
    certificate = ctx.book.certificates.get(intent.key)
    if certificate is None:
        raise missing(intent)
    root, account = (certificate.public_key, certificate.chain_code), int(intent.source.vault_account or "")
    holdings = _by_address(chain, own_holdings(*root, chain.network, account))
    return Place(chain, client, sender, holdings, change_holding(*root, chain.network, account))


def _by_address(chain: Chain, holdings: Sequence[Holding]) -> dict[str, Holding]:
    return {address.from_script(each.script, chain.network) or "": each for each in holdings}


async def _built(ctx: Context, place: Place, intent: Intent) -> Built:
    payments = _payments(place, intent)
    rate = await place.client.fee_hint()
    chosen = await _choose(await _funds(ctx, place), payments, place, rate)
    return build_bytes(
        chosen,
        payments,
        place.change,
        network=place.chain.network,
        fee_rate=rate,
        fee_ceiling=intent.fee_ceiling or 0,
        max_inputs=MAX_INPUTS,
        required=[utxo.name for utxo in chosen],
    )


def _payments(place: Place, intent: Intent) -> list[Payment]:
    """Change is no payment, so none goes to a change address of the account itself."""
    if any(place.returns(effect.to) for effect in intent.effects):
        raise QuorateError(
            "unbuildable", "the destination is a change address of the paying account itself", "caller"
        )
    return [Payment(effect.to, effect.amount) for effect in intent.effects]


async def _choose(funds: Funds, payments: Sequence[Payment], place: Place, rate: int) -> list[Utxo]:
    """The coins to spend, with their previous transactions. Held ones only where there is no other way."""
    pools = [funds.free, (*funds.free, *funds.last)] if funds.last else [funds.free]
    for number, pool in enumerate(pools, start=1):
        try:
            names = choose_coins(
                pool,
                payments,
                place.change,
                network=place.chain.network,
                fee_rate=rate,
                max_inputs=MAX_INPUTS,
            )
        except QuorateError as failure:
            if failure.code != "insufficient_funds" or (number == len(pools) and not funds.coming):
                raise
            continue
        return [await _with_previous(place, utxo) for utxo in pool if utxo.name in names]
    raise QuorateError(
        "coins_coming", f"{funds.coming} satoshis of change wait to be taken by a node", "state", "wait"
    )


async def _funds(ctx: Context, place: Place) -> Funds:
    change, coming = await _own_change(ctx, place)
    found = {utxo.name: utxo for utxo in (*await _mined(place), *change)}
    known = await ctx.database.read(
        lambda connection: coins.reserved(connection, place.chain.id, {_coin(name) for name in found})
    )
    free = tuple(utxo for name, utxo in found.items() if _coin(name) not in known)
    return Funds(free, _of(found.values(), [coin for coin, held in known.items() if held]), coming)


async def _mined(place: Place) -> list[Utxo]:
    return [
        Utxo(utxo.txid.hex(), utxo.vout, utxo.amount, place.holdings[utxo.address], None)
        for utxo in await place.client.utxos(*place.holdings)
        if utxo.height is not None
    ]


async def _own_change(ctx: Context, place: Place) -> tuple[list[Utxo], int]:
    """Change of transactions that a node has taken, and the sum of what is signed and not taken yet. Of one
    with several versions nobody knows which is mined.
    """
    rows = await ctx.database.read(
        lambda connection: transactions.on_their_way(connection, place.chain.id, place.sender)
    )
    unsure = await ctx.database.read(lambda c: versions.have(c, [row.id for row in rows]))
    there: list[Utxo] = []
    coming = 0
    for row in rows:
        if row.id in unsure:
            continue
        for utxo in _change_of(row, place.change):
            if row.status == Status.CONFIRMING:
                there.append(utxo)
            else:
                coming += utxo.amount
    return there, coming


def _change_of(row: Transaction, change: Holding) -> list[Utxo]:
    raw, txid = row.raw_transaction or b"", row.transaction_hash or ""
    return [
        Utxo(txid, vout, output.amount, change, raw)
        for vout, output in enumerate(read_previous(raw).outputs)
        if output.script == change.script
    ]


async def _with_previous(place: Place, utxo: Utxo) -> Utxo:
    """Raises QuorateError chain_answer for a transaction that does not hash to its id, or does not make this
    coin: signers would refuse it.
    """
    if utxo.previous is not None:
        return utxo
    raw = await place.client.transaction(bytes.fromhex(utxo.txid))
    previous = read_previous(raw)
    made = previous.outputs[utxo.vout] if utxo.vout < len(previous.outputs) else None
    if previous.txid[::-1].hex() != utxo.txid or made != (utxo.amount, utxo.holding.script):
        raise QuorateError(
            "chain_answer",
            f"{utxo.name} is not what its transaction makes",
            "peer",
            "check the chain's nodes",
        )
    return replace(utxo, previous=raw)


def _coin(name: str) -> Coin:
    txid, _, vout = name.partition(":")
    return Coin(txid, int(vout))


def _of(utxos: Collection[Utxo], wanted: Collection[Coin]) -> tuple[Utxo, ...]:
    return tuple(utxo for utxo in utxos if _coin(utxo.name) in wanted)
