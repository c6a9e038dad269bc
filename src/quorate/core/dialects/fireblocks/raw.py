"""operation RAW: bytes to sign as they are, on a bare derivation path or on that of an account's asset."""

import re
from dataclasses import dataclass
from typing import Final

from quorate.core.chains import hd
from quorate.core.dialects.fireblocks.addresses import account_path
from quorate.core.dialects.fireblocks.extra import only
from quorate.core.dialects.fireblocks.fees import FEE_FIELDS
from quorate.core.dialects.fireblocks.fields import Fields
from quorate.core.dialects.fireblocks.refusal import UNSUPPORTED, refused
from quorate.core.dialects.fireblocks.transfer import read_asset, read_source
from quorate.core.model import members
from quorate.core.model.charter import Asset, Chain, Charter
from quorate.core.model.intent import (
    CURVES,
    ECDSA_SECP256K1,
    ED25519,
    MAX_MESSAGES,
    SCHEMES,
    RawMessage,
    check_content,
)

ALGORITHMS: Final = {"MPC_ECDSA_SECP256K1": ECDSA_SECP256K1, "MPC_EDDSA_ED25519": ED25519}
_MESSAGE: Final = ("content", "bip44addressIndex", "bip44change", "derivationPath")
HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})+")
_MAX_INDEX: Final = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class Raw:
    """What a RAW body says. `asset`, `chain` and `account` are None on a bare path."""

    account: str | None
    asset: Asset | None
    chain: Chain | None
    key: str
    messages: tuple[RawMessage, ...]


def read_raw(body: Fields, charter: Charter) -> Raw:
    """Raises Refused."""
    body.refuse_given(("amount", "destination"), "RAW moves nothing that could be named here")
    body.refuse_given(FEE_FIELDS, "RAW has no fee")
    data = _raw_message_data(body)
    account, asset, chain = _source(body, charter)
    scheme = _scheme(data, chain)
    default_path = body.raw("derivationPath")
    if asset is not None and default_path is not None:
        raise _two_paths("derivationPath")
    messages = data.need("messages")
    if not isinstance(messages, list) or not 1 <= len(messages) <= MAX_MESSAGES:
        raise refused("wrong_type", f"{data.at('messages')} must be an array of 1 to {MAX_MESSAGES} messages")
    read = tuple(
        _message(Fields(m, f"{data.at('messages')}[{i}]", _MESSAGE), scheme, chain, account, default_path)
        for i, m in enumerate(messages)
    )
    return Raw(account, asset, chain, _key(charter, chain, scheme), read)


def _raw_message_data(body: Fields) -> Fields:
    extra = only(body, "rawMessageData", "RAW")
    return Fields(extra.need("rawMessageData"), extra.at("rawMessageData"), ("messages", "algorithm"))


def _source(body: Fields, charter: Charter) -> tuple[str | None, Asset | None, Chain | None]:
    """Source and asset come together, or not at all."""
    id = body.text("assetId")
    if id is None:
        body.refuse_given(("source",), "without assetId it names no path")
        return None, None, None
    asset, chain, _ = read_asset(id, charter)
    return read_source(body.need("source")), asset, chain


def _scheme(data: Fields, chain: Chain | None) -> str:
    algorithm = data.text("algorithm")
    if algorithm is None:
        if chain is None:
            raise refused("missing_field", f"{data.at('algorithm')} is needed where no asset names the curve")
        return ECDSA_SECP256K1
    scheme = ALGORITHMS.get(algorithm)
    if scheme is None or (chain is not None and scheme != ECDSA_SECP256K1):
        raise refused(
            "unsupported_algorithm",
            f"{data.at('algorithm')} {algorithm[:32]} cannot sign here",
            reason_class=UNSUPPORTED,
        )
    return scheme


def _key(charter: Charter, chain: Chain | None, scheme: str) -> str:
    key = chain.key if chain else charter.raw_keys.of(scheme)
    if key is None:
        raise refused(
            "unsupported_algorithm",
            f"the charter names no key for RAW with {scheme}",
            reason_class=UNSUPPORTED,
        )
    return key


def _message(
    message: Fields, scheme: str, chain: Chain | None, account: str | None, default_path: object
) -> RawMessage:
    text = message.need_text("content")
    if not HEX.fullmatch(text):
        raise refused("raw_content", f"{message.at('content')} must be hexadecimal without prefix")
    content = bytes.fromhex(text)
    check_content(content, scheme, message.at("content"))
    if chain is not None and account is not None:
        path = asset_path(message, chain, account)
    else:
        path = _bare_path(message, default_path)
    if hd.scheme(CURVES[scheme], path) != SCHEMES[scheme]:
        raise refused("path_scheme", f"{message.where}: this path does not sign with {scheme}")
    return RawMessage(content, path, scheme)


def asset_path(message: Fields, chain: Chain, account: str) -> tuple[int, ...]:
    """The path of one message below an account's asset. Raises Refused."""
    if "derivationPath" in message:
        raise _two_paths(message.at("derivationPath"))
    change = message.integer("bip44change", 0, 1) or 0
    index = message.integer("bip44addressIndex", 0, _MAX_INDEX) or 0
    return account_path(chain, account, index, change)


def _bare_path(message: Fields, default_path: object) -> tuple[int, ...]:
    message.refuse_given(
        ("bip44addressIndex", "bip44change"), "counts from an account's asset, and none is named"
    )
    own = message.raw("derivationPath")
    if own is not None and default_path is not None:
        raise _two_paths(message.at("derivationPath"))
    path = own if own is not None else default_path
    if path is None:
        raise refused(
            "missing_field", f"{message.at('derivationPath')} is needed where no asset names the path"
        )
    return members.path(path, message.at("derivationPath"))


def _two_paths(where: str) -> Exception:
    return refused("two_paths", f"{where}: the path is already given elsewhere", hint="name the path once")
