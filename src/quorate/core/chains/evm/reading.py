"""EVM bytes as a signer judges a transfer or a call."""

from typing import Final

from quorate.core.chains.evm.decode import DYNAMIC_FEE, SET_CODE, EvmTransaction, decode
from quorate.core.chains.reading import Call, Reading, Taken, View
from quorate.core.errors import QuorateError

DELEGATION: Final = "delegation_7702"


def read(data: bytes, view: View) -> Reading:
    """Transfers and calls are EIP-1559 transactions.

    Raises QuorateError trailing_bytes, malformed_transaction, delegation_7702 (an EIP-7702 transaction).
    """
    transaction = decode(data)
    if transaction.kind != DYNAMIC_FEE:
        raise QuorateError(
            DELEGATION if transaction.kind == SET_CODE else "malformed_transaction",
            f"an EIP-1559 transaction is expected, this is of type {transaction.kind}",
        )
    return Reading(
        effects=transaction.effects,
        others=(),
        blind=transaction.reason,
        chain=f"evm:{transaction.chain_id}",
        fee=transaction.fee,
        takes=(Taken(view.sender, transaction.nonce),),
        call=_call(transaction),
    )


def _call(transaction: EvmTransaction) -> Call | None:
    if transaction.to is None or not transaction.is_bare:
        return None
    return Call(transaction.to, transaction.value, transaction.data)
