"""The fee ceiling: the charter's cap, or less where the request bounds the total fee.

An intent binds the total, not the gas price; so price fields count only together with a gas limit, and are
refused alone rather than ignored.
"""

from typing import Final

from quorate.core.dialects.fireblocks.amounts import positive, smallest_unit
from quorate.core.dialects.fireblocks.fields import Fields
from quorate.core.dialects.fireblocks.refusal import refused, unsupported
from quorate.core.model.charter import Asset, Chain

FEE_FIELDS: Final = frozenset(
    {
        "fee",
        "feeLevel",
        "priorityFee",
        "failOnLowFee",
        "maxFee",
        "maxTotalFee",
        "gasLimit",
        "gasPrice",
        "networkFee",
    }
)
TOTALS: Final = ("networkFee", "maxTotalFee")
"""In whole units of the native coin."""
PRICES: Final = ("gasPrice", "maxFee")
"""In gwei for each unit of gas."""
LEVELS: Final = ("LOW", "MEDIUM", "HIGH")
_GWEI_DECIMALS: Final = 9
_MAX_GAS: Final = 1 << 53


def fee_ceiling(body: Fields, chain: Chain, native: Asset) -> int:
    """Smallest unit of the native coin. Raises Refused: unsupported_field, amount_*, wrong_type."""
    _check_others(body)
    if chain.family != "evm":
        body.refuse_given((*PRICES, "gasLimit", "priorityFee"), "belongs to EVM chains")
    bounds = [chain.fee_cap]
    for name in TOTALS:
        value = body.number(name)
        if value is not None:
            bounds.append(positive(value, native.decimals, name))
    gas_limit = _gas_limit(body)
    for name in PRICES:
        value = body.number(name)
        if value is not None:
            bounds.append(positive(value, _GWEI_DECIMALS, name) * (gas_limit or _alone(name)))
    if len(bounds) == 1:
        _refuse_unbounded(body)
    return min(bounds)


def _check_others(body: Fields) -> None:
    body.refuse_given(("fee",), "fees per byte belong to chains with inputs and outputs")
    body.refuse_true(("failOnLowFee",), "fee levels are not compared")
    level = body.text("feeLevel")
    if level is not None and level not in LEVELS:
        raise refused("wrong_type", f"feeLevel must be one of {', '.join(LEVELS)}")


def _gas_limit(body: Fields) -> int | None:
    value = body.number("gasLimit")
    if value is None:
        return None
    gas = positive(value, 0, "gasLimit")
    if gas > _MAX_GAS:
        raise refused("amount_range", "gasLimit is above 2^53")
    return gas


def _alone(name: str) -> int:
    raise unsupported(name, "bounds no total without gasLimit", "give gasLimit as well, or networkFee")


def _refuse_unbounded(body: Fields) -> None:
    """A gas limit or a tip by itself bounds nothing that the intent could carry."""
    for name in ("gasLimit", "priorityFee"):
        if name in body:
            raise unsupported(
                name, "bounds no total by itself", "give gasPrice or maxFee with gasLimit, or networkFee"
            )


def check_tip(body: Fields) -> None:
    """A tip is part of the total; its form is still checked."""
    value = body.number("priorityFee")
    if value is not None:
        smallest_unit(value, _GWEI_DECIMALS, "priorityFee")
