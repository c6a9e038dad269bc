"""Which coins this server's transactions spend: durable before any signer sees the bytes that spend them.

A coin is an outpoint; `txid` is in the order of displays. Rows stay: a coin that was signed for once is not
selected again, whatever a lagging source says.
"""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from quorate.core.errors import QuorateError
from quorate.server.store.schema import bitcoin_coins

_AT_ONCE: Final = 500
"""Parameters of one statement: databases have limits."""


class Coin(NamedTuple):
    txid: str
    vout: int


def reserved(connection: Connection, chain: str, coins: Collection[Coin]) -> dict[Coin, bool]:
    """Those of the coins that are spoken for -> whether only by a transaction that is held: one that was not
    signed in time, although a share of it may be out.
    """
    columns = (bitcoin_coins.c.txid, bitcoin_coins.c.vout, bitcoin_coins.c.held)
    found: dict[Coin, bool] = {}
    txids = sorted({coin.txid for coin in coins})
    for start in range(0, len(txids), _AT_ONCE):
        some = txids[start : start + _AT_ONCE]
        where = (bitcoin_coins.c.chain == chain, bitcoin_coins.c.txid.in_(some))
        for txid, vout, held in connection.execute(select(*columns).where(*where)):
            found[Coin(txid, vout)] = held
    return {coin: held for coin, held in found.items() if coin in coins}


def reserve(connection: Connection, chain: str, coins: Sequence[Coin], transaction_id: str) -> None:
    """Coins of held transactions pass on. Raises QuorateError coin_reserved."""
    known = reserved(connection, chain, coins)
    if not all(known.values()):
        raise QuorateError("coin_reserved", "a coin was spoken for meanwhile", "state", "others are chosen")
    c = bitcoin_coins.c
    for txid, vout in known:
        connection.execute(delete(bitcoin_coins).where(c.chain == chain, c.txid == txid, c.vout == vout))
    rows = [
        {"chain": chain, **coin._asdict(), "transaction_id": transaction_id, "held": False} for coin in coins
    ]
    connection.execute(insert(bitcoin_coins), rows)


def free(connection: Connection, transaction_id: str) -> None:
    """Only while no share of the transaction can be out."""
    connection.execute(delete(bitcoin_coins).where(bitcoin_coins.c.transaction_id == transaction_id))


def hold(connection: Connection, transaction_id: str) -> None:
    """Others may take the coins when there is no other way: signers that released a share for it refuse."""
    of_it = bitcoin_coins.c.transaction_id == transaction_id
    connection.execute(update(bitcoin_coins).where(of_it), {"held": True})
