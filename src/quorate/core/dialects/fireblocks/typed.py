"""operation TYPED_MESSAGE: EIP-712 typed data and EIP-191 personal messages of an account on an EVM chain."""

from dataclasses import dataclass
from typing import Final

from quorate.core.chains.evm.message import TYPED_DATA
from quorate.core.dialects.fireblocks.extra import only
from quorate.core.dialects.fireblocks.fees import FEE_FIELDS
from quorate.core.dialects.fireblocks.fields import Fields
from quorate.core.dialects.fireblocks.raw import ALGORITHMS, HEX, asset_path
from quorate.core.dialects.fireblocks.refusal import UNSUPPORTED, refused
from quorate.core.dialects.fireblocks.transfer import read_asset, read_source
from quorate.core.model import canonical
from quorate.core.model.charter import Asset, Chain, Charter
from quorate.core.model.intent import (
    ECDSA_SECP256K1,
    MAX_MESSAGES,
    TYPED_MESSAGE,
    RawMessage,
    check_content,
)
from quorate.core.model.intent_parts import MESSAGE_TYPES

_FAMILY: Final = "evm"
_MESSAGE: Final = ("content", "type", "bip44addressIndex", "bip44change", "derivationPath")


@dataclass(frozen=True, slots=True)
class TypedMessages:
    """What a TYPED_MESSAGE body says."""

    account: str
    asset: Asset
    chain: Chain
    messages: tuple[RawMessage, ...]


def read_typed(body: Fields, charter: Charter) -> TypedMessages:
    """Raises Refused."""
    body.refuse_given(("amount", "destination"), "a message moves nothing that could be named here")
    body.refuse_given(FEE_FIELDS, "a message has no fee")
    body.refuse_given(("derivationPath",), "the asset names the path")
    asset, chain, _ = read_asset(body.need_text("assetId"), charter)
    if chain.family != _FAMILY:
        raise refused("unsupported_asset", f"messages on {chain.id} are not signed", reason_class=UNSUPPORTED)
    account = read_source(body.need("source"))
    extra = only(body, "rawMessageData", TYPED_MESSAGE)
    data = Fields(extra.need("rawMessageData"), extra.at("rawMessageData"), ("messages", "algorithm"))
    _check_algorithm(data)
    listed = data.need("messages")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_MESSAGES:
        raise refused("wrong_type", f"{data.at('messages')} must be an array of 1 to {MAX_MESSAGES} messages")
    read = (Fields(m, f"{data.at('messages')}[{i}]", _MESSAGE) for i, m in enumerate(listed))
    return TypedMessages(account, asset, chain, tuple(_message(m, chain, account) for m in read))


def _check_algorithm(data: Fields) -> None:
    algorithm = data.text("algorithm")
    if algorithm is not None and ALGORITHMS.get(algorithm) != ECDSA_SECP256K1:
        raise refused(
            "unsupported_algorithm",
            f"{data.at('algorithm')} {algorithm[:32]} cannot sign here",
            reason_class=UNSUPPORTED,
        )


def _message(message: Fields, chain: Chain, account: str) -> RawMessage:
    kind = message.need_text("type")
    if kind not in MESSAGE_TYPES:
        raise refused(
            "unsupported_message",
            f"{message.at('type')} {kind[:32]} is not served",
            reason_class=UNSUPPORTED,
            hint=f"one of: {', '.join(MESSAGE_TYPES)}",
        )
    content = _typed_data(message) if kind == TYPED_DATA else _text(message)
    check_content(content, ECDSA_SECP256K1, message.at("content"), kind)
    return RawMessage(content, asset_path(message, chain, account), ECDSA_SECP256K1, kind)


def _typed_data(message: Fields) -> bytes:
    """The canonical JSON of the object: what the digest is made from depends on no spelling. A number that
    others may read rounded is refused; as text it is exact.
    """
    value = message.need("content")
    if not isinstance(value, dict):
        raise refused("wrong_type", f"{message.at('content')} of type {TYPED_DATA} must be a JSON object")
    return canonical.encode(value)


def _text(message: Fields) -> bytes:
    digits = message.need_text("content").removeprefix("0x")
    if not HEX.fullmatch(digits):
        raise refused("raw_content", f"{message.at('content')} must be hexadecimal")
    return bytes.fromhex(digits)
