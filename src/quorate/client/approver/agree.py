"""The bytes against the intent, by the approver's own decoding: what every signer checks too, under the same
names.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from quorate.client.approver.asked import Asked
from quorate.core.chains.evm import decode, report
from quorate.core.errors import QuorateError, Refused
from quorate.core.model.intent import EVM_TX, RAW_FORMAT, TRANSFER, sort_effects

Effects = list[dict[str, Any]]


def decoded(asked: Asked) -> Effects:
    """What the bytes do, in the decoder's vocabulary.

    Raises Refused, where they do not do exactly what the intent says: attempt_form, decode, blind,
    effects_match, chain_match, fee_ceiling.
    """
    attempt = asked.attempt
    if attempt.format != (EVM_TX if asked.intent.operation == TRANSFER else RAW_FORMAT):
        raise _differs("attempt_form", f"{attempt.format} does not carry out {asked.intent.operation}")
    return _DECODERS[attempt.format](asked)


def _evm(asked: Asked) -> Effects:
    intent, transaction = asked.intent, _transaction(asked.attempt.data)
    chain = asked.charter.chain(intent.chain or "")
    if transaction.kind != decode.DYNAMIC_FEE:
        raise _differs("decode", f"an EIP-1559 transaction is expected, this is of type {transaction.kind}")
    if transaction.blind:
        raise _differs("blind", f"what the bytes do cannot be established: {transaction.reason}")
    if sort_effects(transaction.effects) != sort_effects(intent.effects):
        raise _differs("effects_match", "the bytes do not do what was requested")
    if chain is None or transaction.chain_id != chain.chain_id:
        raise _differs("chain_match", f"the bytes are for chain id {transaction.chain_id}")
    if intent.fee_ceiling is None or transaction.fee > intent.fee_ceiling:
        raise _differs("fee_ceiling", f"the fee may reach {transaction.fee}")
    return report.effects(transaction)


def _transaction(data: bytes) -> decode.EvmTransaction:
    try:
        return decode.decode(data)
    except QuorateError as error:
        raise _differs("decode", error.message) from None


def _raw(asked: Asked) -> Effects:
    """RAW content lies in the intent; nobody can say what a signature over it does."""
    if asked.attempt.data:
        raise _differs("attempt_form", "raw has no bytes of its own")
    return [{"type": "blind", "reason": "raw_digest", "hex": m.content.hex()} for m in asked.intent.messages]


_DECODERS: Final[Mapping[str, Callable[[Asked], Effects]]] = {EVM_TX: _evm, RAW_FORMAT: _raw}


def _differs(check: str, message: str) -> Refused:
    hint = "sign nothing; ask whoever runs the server"
    return Refused(check, message, reason_class="intent_mismatch", whose="peer", hint=hint)
