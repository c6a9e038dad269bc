"""operation CONTRACT_CALL: bytes that an account sends to a contract, with or without native coin."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from quorate.core.dialects.fireblocks.addresses import account_path
from quorate.core.dialects.fireblocks.amounts import smallest_unit
from quorate.core.dialects.fireblocks.extra import only
from quorate.core.dialects.fireblocks.fees import check_tip, fee_ceiling
from quorate.core.dialects.fireblocks.fields import Fields
from quorate.core.dialects.fireblocks.raw import HEX
from quorate.core.dialects.fireblocks.refusal import UNSUPPORTED, refused
from quorate.core.dialects.fireblocks.transfer import (
    WALLETS,
    Asked,
    read_asset,
    read_destination,
    read_source,
)
from quorate.core.model.charter import Charter
from quorate.core.model.intent import CONTRACT_CALL
from quorate.core.model.intent_parts import check_call_data
from quorate.core.model.records import KeyCertificate

_FAMILY: Final = "evm"
_CALLABLE: Final = (*WALLETS, "CONTRACT")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractCall(Asked):
    """`amount` is the native coin that goes with the call, often 0."""

    data: bytes


def read_call(body: Fields, charter: Charter, certificates: Mapping[str, KeyCertificate]) -> ContractCall:
    """Raises Refused; QuorateError key_missing where an own destination's key does not exist yet."""
    body.refuse_given(("derivationPath",), "belongs to RAW")
    asset, chain, native = read_asset(body.need_text("assetId"), charter)
    if chain.family != _FAMILY or asset.contract is not None:
        raise refused(
            "unsupported_asset",
            f"a {CONTRACT_CALL} is paid in the native coin of an EVM chain, which {asset.id} is not",
            reason_class=UNSUPPORTED,
        )
    source = read_source(body.need("source"))
    destination = read_destination(body.need("destination"), charter, chain, certificates, _CALLABLE)
    number = body.number("amount")
    check_tip(body)
    return ContractCall(
        account=source,
        asset=asset,
        chain=chain,
        destination=destination,
        amount=0 if number is None else smallest_unit(number, asset.decimals, "amount"),
        path=account_path(chain, source),
        data=_data(only(body, "contractCallData", CONTRACT_CALL)),
        fee_ceiling=fee_ceiling(body, chain, native),
    )


def _data(extra: Fields) -> bytes:
    where = extra.at("contractCallData")
    digits = extra.need_text("contractCallData").removeprefix("0x")
    if not HEX.fullmatch(digits):
        raise refused("call_data", f"{where} must be hexadecimal, at least one byte")
    data = bytes.fromhex(digits)
    check_call_data(data, where)
    return data
