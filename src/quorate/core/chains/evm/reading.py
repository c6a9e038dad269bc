"""EVM bytes as a signer judges a transfer."""

from quorate.core.chains.evm.decode import DYNAMIC_FEE, decode
from quorate.core.chains.reading import Reading, Taken, View


def read(data: bytes, view: View) -> Reading:
    """Transfers are EIP-1559 transactions. Raises QuorateError trailing_bytes, malformed_transaction."""
    transaction = decode(data)
    other = f"an EIP-1559 transaction is expected, this is of type {transaction.kind}"
    return Reading(
        effects=transaction.effects,
        others=(),
        blind=transaction.reason,
        chain=f"evm:{transaction.chain_id}",
        fee=transaction.fee,
        takes=(Taken(view.sender, transaction.nonce),),
        form="" if transaction.kind == DYNAMIC_FEE else other,
    )
