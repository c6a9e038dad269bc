"""JSON from outside, read strictly but not canonically: request bodies and token parts.

Refused: duplicate member names, NaN and infinities, numbers too long to be meant, deep nesting, text that
is not UTF-8. A number with a fraction or exponent becomes a Decimal of exactly its text; no float exists.
"""

import json
from decimal import Decimal, InvalidOperation
from typing import Final, Never

MAX_DEPTH: Final = 16
_MAX_NUMBER: Final = 128


def loads(data: bytes, *, limit: int) -> object:
    """Raises ValueError, with what is wrong in words."""
    if len(data) > limit:
        raise ValueError(f"at most {limit} bytes are read")
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_decimal,
            parse_constant=_constant,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None
    _check(value, 0)
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


def _check(value: object, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict):
        for name, member in value.items():
            _check_text(name)
            _check(member, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)


def _check_text(text: str) -> None:
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("text holds a lone surrogate")
