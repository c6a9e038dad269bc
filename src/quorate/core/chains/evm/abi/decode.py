"""A strict decoder of ABI arguments (Solidity ABI specification, "Formal Specification of the Encoding").

It accepts a byte string only if it is the one canonical encoding of the values found: each offset points to
where the previous tail ended, padding is zero, integers are in range, and nothing follows. This is what
"re-encoding equals the input" says, found while reading: the work is linear in the input.
"""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias, Union

from quorate.core.chains.evm import address
from quorate.core.chains.evm.abi.elementary import (
    ADDRESS,
    BOOL,
    FIXED_BYTES,
    INT,
    STRING,
    WORD,
    Elementary,
)
from quorate.core.chains.evm.abi.types import AbiType
from quorate.core.errors import QuorateError

Value: TypeAlias = Union[int, bool, str, bytes, tuple["Value", ...]]  # noqa: UP007  # recursive alias
"""Addresses are EIP-55 text; arrays and tuples are tuples."""

MALFORMED: Final = "abi_malformed"
"""The bytes end too early."""
DIFFERS: Final = "abi_reencoding_differs"
"""An offset that is not canonical, padding that is not zero, or a value out of range: contracts disagree."""
TRAILING: Final = "trailing_bytes"


def decode(types: Sequence[AbiType], data: bytes) -> tuple[Value, ...]:
    """The arguments. Raises QuorateError abi_malformed, abi_reencoding_differs, trailing_bytes."""
    values, end = _sequence(types, data, 0)
    if end != len(data):
        raise _bad(TRAILING, f"{len(data) - end} bytes follow the arguments")
    return values


def to_json(value: object) -> object:
    """Of arguments, or of the members of typed data: integers as decimal strings, bytes as 0x and hex, true
    and false as text, structs as objects, the rest as it is.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, tuple | list):
        return [to_json(part) for part in value]
    if isinstance(value, Mapping):
        return {name: to_json(part) for name, part in value.items()}
    return value


def _sequence(types: Sequence[AbiType], data: bytes, start: int) -> tuple[tuple[Value, ...], int]:
    """Values whose heads begin at `start`, and where their last tail ends."""
    at, tail = start, start + sum(kind.head for kind in types)
    if tail > len(data):
        raise _bad(MALFORMED, f"{tail - len(data)} bytes are missing")
    values: list[Value] = []
    for kind in types:
        if kind.dynamic:
            if _number(data, at) != tail - start:
                raise _bad(DIFFERS, f"the offset at {at} is not where the previous value ended")
            value, tail = _tail(kind, data, tail)
            at += WORD
        else:
            value, at = _static(kind, data, at)
        values.append(value)
    return tuple(values), tail


def _static(kind: AbiType, data: bytes, at: int) -> tuple[Value, int]:
    if kind.leaf is not None:
        return _leaf(kind.leaf, data[at : at + WORD], at), at + WORD
    return _sequence(kind.parts * (kind.length or 1), data, at)


def _tail(kind: AbiType, data: bytes, at: int) -> tuple[Value, int]:
    """A dynamic value at the place its offset named."""
    if kind.leaf is not None:
        return _byte_string(kind.leaf, data, at)
    if not kind.array:
        return _sequence(kind.parts, data, at)
    length, element = kind.length, kind.parts[0]
    if length is None:
        length, at = _number(data, at), at + WORD
    if length * element.head > len(data) - at:  # before anything of this length is made
        raise _bad(MALFORMED, f"an array of {length} elements is longer than the data")
    return _sequence((element,) * length, data, at)


def _byte_string(kind: Elementary, data: bytes, at: int) -> tuple[Value, int]:
    length = _number(data, at)
    start = at + WORD
    end = start + -(-length // WORD) * WORD
    if end > len(data):
        raise _bad(MALFORMED, f"a byte string of {length} bytes is longer than the data")
    if any(data[start + length : end]):
        raise _bad(DIFFERS, f"the padding of the byte string at {at} is not zero")
    value = data[start : start + length]
    return (_text(value) if kind.kind == STRING else value), end


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise _bad(DIFFERS, "a string is not UTF-8") from None


def _number(data: bytes, at: int) -> int:
    if at + WORD > len(data):
        raise _bad(MALFORMED, f"the data end inside the word at {at}")
    return int.from_bytes(data[at : at + WORD], "big")


def _leaf(kind: Elementary, word: bytes, at: int) -> Value:
    if kind.kind == ADDRESS:
        if any(word[:12]):
            raise _bad(DIFFERS, f"the address at {at} has more than 20 bytes")
        return address.from_bytes(word[12:])
    if kind.kind == FIXED_BYTES:
        if any(word[kind.size :]):
            raise _bad(DIFFERS, f"the padding of {kind.name} at {at} is not zero")
        return word[: kind.size]
    number = int.from_bytes(word, "big", signed=kind.kind == INT)
    if kind.kind == BOOL:
        if number > 1:
            raise _bad(DIFFERS, f"the bool at {at} is neither 0 nor 1")
        return number == 1
    if not kind.fits(number):
        raise _bad(DIFFERS, f"the number at {at} does not fit {kind.name}")
    return number


def _bad(code: str, message: str) -> QuorateError:
    return QuorateError(code, message, "caller", "encode the arguments as the ABI specification says")
