"""EVM bytes as a signer judges a transfer or a call."""

from typing import Final

from quorate.core.chains.evm.decode import DYNAMIC_FEE, SET_CODE, EvmTransaction, decode
from quorate.core.chains.reading import Call, Reading, Taken, View

INTRINSIC_GAS: Final = 21_000
"""Of a transaction without data (Yellow Paper, G_transaction): nothing is left for code of the account that
is called, which an own account may have (EIP-7702).
"""


def read(data: bytes, view: View) -> Reading:
    """Transfers and calls are EIP-1559 transactions; of other types, one says why by itself (EIP-7702).

    Raises QuorateError trailing_bytes, malformed_transaction.
    """
    transaction = decode(data)
    call = _call(transaction)
    other = f"an EIP-1559 transaction is expected, this is of type {transaction.kind}"
    return Reading(
        effects=transaction.effects,
        others=(),
        blind=transaction.reason,
        chain=f"evm:{transaction.chain_id}",
        fee=transaction.fee,
        takes=(Taken(view.sender, transaction.nonce),),
        form="" if transaction.kind == DYNAMIC_FEE else other,
        form_class="delegation_7702" if transaction.kind == SET_CODE else "",
        call=call,
        cancels=call == Call(view.sender, 0, b"") and transaction.gas == INTRINSIC_GAS,
    )


def _call(transaction: EvmTransaction) -> Call | None:
    if transaction.to is None or not transaction.is_bare:
        return None
    return Call(transaction.to, transaction.value, transaction.data)
