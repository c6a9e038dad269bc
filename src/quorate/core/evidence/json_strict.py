"""JSON from outside, read strictly but not canonically: request bodies and token parts.

Refused: duplicate member names, NaN and infinities, numbers too long to be meant, deep nesting, text that
is not UTF-8. A number with a fraction or exponent becomes a Decimal of exactly its text; no float exists.
"""

import json
from decimal import Decimal, InvalidOperation
from typing import Final, Never

from quorate.core.model.nesting import deeper_than

MAX_DEPTH: Final = 16
_MAX_NUMBER: Final = 128


def loads(data: bytes, *, limit: int) -> object:
    """Raises ValueError, with what is wrong in words."""
    if len(data) > limit:
        raise ValueError(f"at most {limit} bytes are read")
    if deeper_than(data, MAX_DEPTH):
        raise ValueError(f"nested more than {MAX_DEPTH} deep")
    value = json.loads(
        data.decode("utf-8"),
        object_pairs_hook=_object,
        parse_int=_integer,
        parse_float=_decimal,
        parse_constant=_constant,
    )
    _check_texts(value)
    return value


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result: dict[str, object] = {}
    for name, value in pairs:
        if name in result:
            raise ValueError(f"member {name[:64]!r} occurs twice")
        result[name] = value
    return result


def _integer(text: str) -> int:
    return int(_bounded(text))


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(_bounded(text))
    except InvalidOperation:  # the exponent does not fit a machine word
        raise ValueError("a number is out of range") from None


def _bounded(text: str) -> str:
    if len(text) > _MAX_NUMBER:
        raise ValueError("a number is too long")
    return text


def _constant(text: str) -> Never:
    raise ValueError(f"{text} is not JSON")


def _check_texts(value: object) -> None:
    if isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError("text holds a lone surrogate")
    elif isinstance(value, dict):
        for name, member in value.items():
            _check_texts(name)
            _check_texts(member)
    elif isinstance(value, list):
        for item in value:
            _check_texts(item)
