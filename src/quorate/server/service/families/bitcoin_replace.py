"""A Bitcoin transaction in place of one that is not mined (BIP125): the same coins, a higher fee out of the
change; or everything back to the account.
"""

from quorate.core.chains.bitcoin import psbt
from quorate.core.chains.bitcoin.build import Payment, Utxo, rebuild
from quorate.core.chains.bitcoin.transaction import read_previous
from quorate.core.errors import QuorateError
from quorate.core.model.intent import Intent
from quorate.server.service.context import Context
from quorate.server.service.families.bitcoin_build import Place, find
from quorate.server.service.families.replacement import Replacement
from quorate.server.store import coins
from quorate.server.store.coins import Coin
from quorate.server.store.rows import Transaction


async def replacement(ctx: Context, transaction: Transaction, intent: Intent, wanted: Replacement) -> bytes:
    """Raises QuorateError: not_replaceable, fee_ceiling; chain_* (try again)."""
    place = find(ctx, transaction, intent)
    await _check_change(ctx, place, transaction)
    built = rebuild(
        _coins(place, wanted.earlier[0]),
        [] if wanted.cancels else [Payment(effect.to, effect.amount) for effect in intent.effects],
        place.change,
        network=place.chain.network,
        fee_rate=await place.client.fee_hint(),
        earlier_fee=max(_fee(place, data) for data in wanted.earlier),
        fee_ceiling=wanted.ceiling,
    )
    return built.psbt


async def _check_change(ctx: Context, place: Place, transaction: Transaction) -> None:
    """A later transaction that spends the change would never execute. Of what has versions already, nobody
    spends the change.
    """
    raw, txid = transaction.raw_transaction or b"", transaction.transaction_hash or ""
    change = {
        Coin(txid, vout)
        for vout, output in enumerate(read_previous(raw).outputs)
        if output.script == place.change.script
    }
    if await ctx.database.read(lambda connection: coins.reserved(connection, place.chain.id, change)):
        raise QuorateError(
            "not_replaceable", "a later transaction spends its change", "caller", "raise the fee of that one"
        )


def _coins(place: Place, data: bytes) -> list[Utxo]:
    """What the bytes spend, as the previous transactions in them say."""
    document, own = psbt.read(data), {each.script: each for each in place.holdings.values()}
    found = []
    for spent, given in zip(document.transaction.inputs, document.inputs, strict=True):
        vout, previous = spent.outpoint.vout, given.previous or b""
        output = read_previous(previous).outputs[vout]
        txid = spent.outpoint.txid[::-1].hex()
        found.append(Utxo(txid, vout, output.amount, own[output.script], previous))
    return found


def _fee(place: Place, data: bytes) -> int:
    outputs = psbt.read(data).transaction.outputs
    return sum(utxo.amount for utxo in _coins(place, data)) - sum(output.amount for output in outputs)
