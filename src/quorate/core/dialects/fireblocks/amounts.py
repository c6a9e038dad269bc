"""Whole units, as clients write them, to the smallest unit, exactly: text to integer, never through a
float.
"""

import re
from decimal import Decimal
from typing import Final

from quorate.core.dialects.fireblocks.refusal import refused
from quorate.core.model.members import MAX_AMOUNT

_TEXT: Final = re.compile(r"(0|[1-9][0-9]{0,77})(?:\.([0-9]{1,77}))?")
_MAX_SHIFT: Final = 160


def smallest_unit(value: str | int | Decimal, decimals: int, where: str) -> int:
    """`"1.5"` with 18 decimals -> 1500000000000000000. At most 2^256 - 1, not negative.

    Text is plain decimal; a JSON number may have an exponent and is taken digit by digit. Raises Refused:
    amount_form, amount_fraction (more digits than the unit has), amount_range.
    """
    digits, exponent = _parts(value, where)
    shift = exponent + decimals
    if digits == 0:
        return 0
    if shift > _MAX_SHIFT or len(str(digits)) + shift > _MAX_SHIFT:
        raise _range(where)
    if shift < 0:
        digits, rest = divmod(digits, 10 ** min(-shift, _MAX_SHIFT))
        if rest or digits == 0:
            raise refused("amount_fraction", f"{where} has more than {decimals} digits after the point")
        shift = 0
    amount = digits * 10**shift
    if amount > MAX_AMOUNT:
        raise _range(where)
    return int(amount)


def positive(value: str | int | Decimal, decimals: int, where: str) -> int:
    """As smallest_unit; zero is refused (amount_range)."""
    amount = smallest_unit(value, decimals, where)
    if amount == 0:
        raise refused("amount_range", f"{where} must be more than zero")
    return amount


def _parts(value: str | int | Decimal, where: str) -> tuple[int, int]:
    """The value as digits times ten to the exponent."""
    if isinstance(value, str):
        match = _TEXT.fullmatch(value)
        if match is None:
            raise refused("amount_form", f"{where} must be a plain decimal number such as 0.25")
        fraction = match[2] or ""
        return int(match[1] + fraction), -len(fraction)
    if value < 0:
        raise refused("amount_form", f"{where} must not be negative")
    if isinstance(value, int):
        return value, 0
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise refused("amount_form", f"{where} must be a number")
    return int("".join(map(str, digits))), exponent


def _range(where: str) -> Exception:
    return refused("amount_range", f"{where} is above 2^256 - 1 in the smallest unit")
