"""Exact bytes -> what they are and do, by format. What a person or a script asks about; signers read a
transfer through `readers`, which is stricter.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, Final

from quorate.core.chains.bitcoin.decode import decode_psbt
from quorate.core.chains.bitcoin.wallet_json import from_json as bitcoin_wallet
from quorate.core.chains.effects import Decoded
from quorate.core.chains.evm.item import FORMATS as EVM_FORMATS
from quorate.core.chains.evm.item import decode_item
from quorate.core.chains.evm.knowledge.context import from_json as evm_knowledge
from quorate.core.chains.solana.context import from_json as solana_context
from quorate.core.chains.solana.decode import decode_message
from quorate.core.chains.tron.context import TronContext
from quorate.core.chains.tron.decode import decode_tx
from quorate.core.errors import QuorateError
from quorate.core.model import members

Json = Mapping[str, Any]
Decoder = Callable[[bytes, Json, Json], Decoded]

TYPED_DATA: Final = "evm-typed-data"
_BASE64: Final = ("bitcoin-psbt", "solana-message")


def decode(format: str, data: str, context: Json, item: Json) -> Decoded:
    """`data` is the value of an item's `bytes` as text; `context` is the item's context with `chain` added.

    Raises QuorateError: format (not one that is known), malformed_bytes, and what its decoder raises.
    """
    return decode_bytes(format, to_bytes(format, data), context, item)


def decode_bytes(format: str, data: bytes, context: Json, item: Json) -> Decoded:
    """As `decode`, for bytes."""
    if format not in DECODERS:
        known = ", ".join(DECODERS)
        raise QuorateError(
            "format", f"{format[:32]} is not a format of this version", "caller", f"one of: {known}"
        )
    return DECODERS[format](data, context, item)


def to_bytes(format: str, text: str) -> bytes:
    """The bytes that the text of a format stands for: hexadecimal, base64, or typed data's own JSON.

    Raises QuorateError malformed_bytes.
    """
    if format == TYPED_DATA:
        return text.encode()
    try:
        if format in _BASE64:
            return base64.b64decode(text.strip(), validate=True)
        return bytes.fromhex(text.strip().removeprefix("0x"))
    except (ValueError, binascii.Error):
        raise QuorateError("malformed_bytes", f"these are no bytes as {format[:32]} has them") from None


def _evm(format: str) -> Decoder:
    def run(data: bytes, context: Json, item: Json) -> Decoded:
        sender = item.get("from") or item.get("signer")
        return decode_item(format, data, evm_knowledge(context, sender=sender))

    return run


def _bitcoin(data: bytes, context: Json, item: Json) -> Decoded:
    network = _network(context)
    return decode_psbt(data, bitcoin_wallet(context, network), network)


def _network(context: Json) -> str:
    """Raises QuorateError wrong_type."""
    chain = context.get("chain", {})
    if not isinstance(chain, Mapping):
        raise members.bad("context.chain", "an object is expected")
    return str(chain.get("network", "mainnet"))


def _solana(data: bytes, context: Json, item: Json) -> Decoded:
    known = solana_context(context, item)
    return decode_message(data, known.tables, cluster=known.cluster)


def _tron(data: bytes, context: Json, item: Json) -> Decoded:
    return decode_tx(data, TronContext.from_json(context))


DECODERS: Final[Mapping[str, Decoder]] = {
    **{format: _evm(format) for format in EVM_FORMATS},
    "bitcoin-psbt": _bitcoin,
    "solana-message": _solana,
    "tron-tx": _tron,
}
