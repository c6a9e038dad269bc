"""A decoded transaction in the effect vocabulary that people and scripts read (`quorate tx decode`).

Amounts are decimal strings of the smallest unit; the effects of a blind transaction are the call as far as
the bytes show it, and `blind` with the decoder's reason.
"""

from quorate.core.chains.evm.decode import EvmTransaction, decode
from quorate.core.chains.evm.digest import digest
from quorate.core.model.intent import Effect


def report(data: bytes) -> dict[str, object]:
    """The document of `quorate tx decode --format evm-tx`. Raises what `decode` raises."""
    transaction = decode(data)
    return {
        "format": "evm-tx",
        "chain": {"family": "evm", "chain_id": str(transaction.chain_id)},
        "effects": effects(transaction),
        "digests": [{"algorithm": "keccak256", "value": "0x" + digest(data).hex()}],
        "blind": transaction.blind,
    }


def effects(transaction: EvmTransaction) -> list[dict[str, object]]:
    """All effects, the fee included: it is gas limit x highest price."""
    known = [_effect(effect) for effect in transaction.effects]
    unknown = _blind(transaction) if transaction.blind else []
    return [*known, *unknown, {"type": "fee", "asset": "native", "max_amount": str(transaction.fee)}]


def _effect(effect: Effect) -> dict[str, object]:
    to, amount = effect.to, str(effect.amount)
    if effect.token is None:
        return {"type": "native_transfer", "asset": "native", "to": to, "amount": amount}
    return {"type": "token_transfer", "standard": "erc20", "asset": effect.token, "to": to, "amount": amount}


def _blind(transaction: EvmTransaction) -> list[dict[str, object]]:
    call: dict[str, object] = {
        "type": "contract_call",
        "to": transaction.to,
        "selector": "0x" + transaction.data[:4].hex(),
        "value": str(transaction.value),
        "blind": True,
    }
    return [call, {"type": "blind", "reason": transaction.reason}]
