"""The decoder of EVM bytes: five formats -> what they are, what they do, what is signed.

The bytes are read strictly and in bounded time; what cannot be established is a `blind` effect. No chain is
asked and no address looked up: all beside the bytes is `Knowledge`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from eth_hash.auto import keccak

from quorate.core.chains.effects import Decoded, Digest, Effect, blind, effect
from quorate.core.chains.evm import contract_creation, personal
from quorate.core.chains.evm.authorization import delegation, read_unsigned, signed_delegation
from quorate.core.chains.evm.call import Call
from quorate.core.chains.evm.calls import dispatch
from quorate.core.chains.evm.digest import digest
from quorate.core.chains.evm.knowledge.knowledge import Knowledge
from quorate.core.chains.evm.transaction import Transaction, read_transaction
from quorate.core.chains.evm.typed import messages
from quorate.core.chains.evm.typed.document import read_typed_data
from quorate.core.errors import QuorateError

EVM_TX, EVM_TYPED_DATA, EVM_PERSONAL_MESSAGE, EVM_AUTHORIZATION, RAW_DIGEST = (
    "evm-tx", "evm-typed-data", "evm-personal-message", "evm-7702-authorization", "raw-digest",
)  # fmt: skip
OTHER_CHAIN: Final = "chain_id_differs"


def decode_item(format: str, data: bytes, knowledge: Knowledge | None = None) -> Decoded:
    """What the bytes of this format are. Typed data are the UTF-8 of their JSON text.

    Raises QuorateError: format; too_large; trailing_bytes; malformed_transaction, malformed_typed_data,
    malformed_digest.
    """
    reader = _READERS.get(format)
    if reader is None:
        raise QuorateError(
            "format", f"{format[:32]} is no EVM format", "caller", f"one of: {', '.join(_READERS)}"
        )
    return reader(data, knowledge or Knowledge())


def _transaction(data: bytes, knowledge: Knowledge) -> Decoded:
    transaction = read_transaction(data)
    found = [*_transaction_effects(transaction, knowledge), *_chain_check(transaction.chain_id, knowledge)]
    return _decoded(EVM_TX, transaction.chain_id, found, Digest("keccak256", _hex(digest(data)), {}))


def _transaction_effects(transaction: Transaction, knowledge: Knowledge) -> Iterator[Effect]:
    for authorization in transaction.authorizations:
        yield signed_delegation(authorization)
    if transaction.blob_hashes:
        yield effect(
            "blobs",
            count=str(len(transaction.blob_hashes)),
            max_fee_per_blob_gas=str(transaction.max_blob_fee),
        )
    yield from _call(transaction, knowledge)
    yield effect("fee", asset="native", max_amount=str(transaction.fee), payer=knowledge.sender)


def _call(transaction: Transaction, knowledge: Knowledge) -> Iterator[Effect]:
    value, data = transaction.value, transaction.data
    if transaction.to is None:
        return contract_creation.effects(knowledge.sender, transaction.nonce, value, data)
    call = Call(knowledge.sender, transaction.to, value, data, knowledge, transaction.chain_id)
    return dispatch.effects([call])


def _typed_data(text: bytes, knowledge: Knowledge) -> Decoded:
    data = read_typed_data(text)
    found = list(dispatch.effects(messages.effects(data, knowledge)))
    if data.chain_id is not None:
        found += _chain_check(data.chain_id, knowledge)
    preimage = data.preimage
    signed = Digest("eip712", _hex(keccak(preimage)), {"signed_preimage": _hex(preimage)})
    chain_id = knowledge.chain_id if data.chain_id is None else data.chain_id
    return _decoded(EVM_TYPED_DATA, chain_id, found, signed)


def _personal_message(message: bytes, knowledge: Knowledge) -> Decoded:
    if len(message) > personal.MAX_BYTES:
        raise QuorateError("too_large", f"a message has at most {personal.MAX_BYTES} bytes")
    preimage = personal.preimage(message)
    signed = Digest("keccak256", _hex(keccak(preimage)), {"signed_preimage": _hex(preimage)})
    return _decoded(EVM_PERSONAL_MESSAGE, knowledge.chain_id, personal.effects(message), signed)


def _authorization(data: bytes, knowledge: Knowledge) -> Decoded:
    """The authority is who signs."""
    authorization = read_unsigned(data, knowledge.sender)
    found = [delegation(authorization)]
    if authorization.chain_id:
        found += _chain_check(authorization.chain_id, knowledge)
    signed = Digest("keccak256", _hex(keccak(data)), {})
    return _decoded(EVM_AUTHORIZATION, authorization.chain_id, found, signed)


def _raw_digest(data: bytes, knowledge: Knowledge) -> Decoded:
    if len(data) != 32:
        raise QuorateError("malformed_digest", f"a digest has 32 bytes, this one {len(data)}")
    return _decoded(RAW_DIGEST, knowledge.chain_id, [blind("raw_digest")], Digest("none", _hex(data), {}))


def _chain_check(chain_id: int, knowledge: Knowledge) -> list[Effect]:
    if knowledge.chain_id in (None, chain_id):
        return []
    return [effect("inconsistent", reason=OTHER_CHAIN, expected=str(knowledge.chain_id), found=str(chain_id))]


def _decoded(format: str, chain_id: int | None, effects: Iterable[Effect], digest: Digest) -> Decoded:
    chain = {"family": "evm"} | ({} if chain_id is None else {"chain_id": str(chain_id)})
    return Decoded(format, chain, tuple(effects), (digest,))


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


_READERS: Final[Mapping[str, Callable[[bytes, Knowledge], Decoded]]] = {
    EVM_TX: _transaction,
    EVM_TYPED_DATA: _typed_data,
    EVM_PERSONAL_MESSAGE: _personal_message,
    EVM_AUTHORIZATION: _authorization,
    RAW_DIGEST: _raw_digest,
}
FORMATS: Final = tuple(_READERS)
