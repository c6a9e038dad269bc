"""raw_data as a signer judges a transfer: TRX by TransferContract, TRC-20 by `transfer(address,uint256)`.

The bytes name a recent block and no network. What keeps a transaction of a test network from being one of
mainnet is that accounts of the two have different keys (SLIP-44 coin types).
"""

from typing import Final

from quorate.core.chains.effects import Effect as Seen
from quorate.core.chains.reading import Reading, View
from quorate.core.chains.tron.calls import TRC20
from quorate.core.chains.tron.contracts import TRIGGER_SMART_CONTRACT
from quorate.core.chains.tron.decode import TronTransaction, read_tx
from quorate.core.chains.tron.fee import most
from quorate.core.model.intent import Effect

TRANSFER_CONTRACT: Final = 1
_NOT_DONE: Final = ("fee", "blind")
"""Judged apart from what the transaction does."""


def read(data: bytes, view: View) -> Reading:
    """Raises QuorateError malformed_transaction.

    `others`: memo, permission id, coins along with a call, and whatever is not from the account that pays.
    `fee`: fee limit, bandwidth and account creation, as if nothing were staked and the recipient were new.
    """
    transaction = read_tx(data)
    effects, others = [], []
    for seen in transaction.effects:
        if _is_transfer(transaction, seen, view.sender):
            effects.append(_transfer(seen))
        elif seen["type"] not in _NOT_DONE:
            others.append(str(seen["type"]))
    return Reading(
        effects=tuple(effects),
        others=tuple(others),
        blind=_blind(transaction),
        chain=view.chain.id,
        fee=most(transaction),
        takes=(),
        ends_s=-(-transaction.expiration // 1000),
    )


def _is_transfer(transaction: TronTransaction, seen: Seen, sender: str) -> bool:
    if seen.get("from") != sender:
        return False
    if transaction.contract_type == TRANSFER_CONTRACT:
        return seen["type"] == "native_transfer"
    called = transaction.contract_type == TRIGGER_SMART_CONTRACT and seen["type"] == "token_transfer"
    return called and seen["standard"] == TRC20 and "via" not in seen


def _transfer(seen: Seen) -> Effect:
    token = str(seen["asset"]) if seen["type"] == "token_transfer" else None
    return Effect(str(seen["type"]), str(seen["to"]), int(str(seen["amount"])), token)


def _blind(transaction: TronTransaction) -> str:
    """The first reason for which the bytes cannot be judged, or empty."""
    reasons = (str(seen["reason"]) for seen in transaction.effects if seen["type"] == "blind")
    return next(reasons, "")
