"""The values of an EIP-712 message: each exactly of its type, nothing missing and nothing more.

Integers are JSON integers, decimal text without leading zeros, or 0x and hex; addresses lower case, upper
case or with a valid EIP-55 checksum; bytes 0x and hex.
"""

import re
from collections.abc import Mapping
from typing import Final, TypeAlias, Union

from quorate.core.chains.evm import address
from quorate.core.chains.evm.abi.elementary import ADDRESS, BOOL, BYTES, FIXED_BYTES, STRING, Elementary
from quorate.core.chains.evm.typed.schema import MemberType, Schema, malformed

Value: TypeAlias = Union[int, bool, str, bytes, list["Value"], Mapping[str, "Value"]]  # noqa: UP007
_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,77})")
_HEX_NUMBER: Final = re.compile(r"0x[0-9a-fA-F]{1,64}")
_HEX: Final = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")


def read_struct(schema: Schema, name: str, value: object, where: str) -> Mapping[str, Value]:
    """The members of a struct. Raises QuorateError malformed_typed_data."""
    members = schema.structs[name].members
    if not isinstance(value, dict) or value.keys() != members.keys():
        raise malformed(f"{where} has exactly the members of {name}")
    return {label: _value(schema, kind, value[label], f"{where}.{label}") for label, kind in members.items()}


def _value(schema: Schema, kind: MemberType, value: object, where: str) -> Value:
    return _dimension(schema, kind, len(kind.lengths), value, where)


def _dimension(schema: Schema, kind: MemberType, left: int, value: object, where: str) -> Value:
    """The last suffix is the outermost array: `T[2][]` is a list of pairs."""
    if left == 0:
        if kind.leaf is None:
            return read_struct(schema, kind.base, value, where)
        return read_leaf(kind.leaf, value, where)
    length = kind.lengths[left - 1]
    if not isinstance(value, list) or length not in (None, len(value)):
        raise malformed(f"{where} is a list of {'any length' if length is None else length}")
    return [_dimension(schema, kind, left - 1, one, where) for one in value]


def read_leaf(kind: Elementary, value: object, where: str) -> Value:
    if kind.kind == BOOL:
        if not isinstance(value, bool):
            raise malformed(f"{where} is true or false")
        return value
    if kind.kind == STRING:
        if not isinstance(value, str):
            raise malformed(f"{where} is text")
        return value
    if kind.kind == ADDRESS:
        return _address(value, where)
    if kind.kind in (BYTES, FIXED_BYTES):
        return _bytes(kind, value, where)
    return _integer(kind, value, where)


def _address(value: object, where: str) -> str:
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        raise malformed(f"{where} is an address: 0x and 40 digits")
    text = address.checksum(value)
    digits = value[2:]
    if value != text and digits not in (digits.lower(), digits.upper()):
        raise malformed(f"{where} has a wrong EIP-55 checksum")
    return text


def _bytes(kind: Elementary, value: object, where: str) -> bytes:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise malformed(f"{where} is 0x and hexadecimal")
    data = bytes.fromhex(value[2:])
    if kind.kind == FIXED_BYTES and len(data) != kind.size:
        raise malformed(f"{where} has {kind.size} bytes")
    return data


def _integer(kind: Elementary, value: object, where: str) -> int:
    if isinstance(value, str) and _DECIMAL.fullmatch(value) and value != "-0":
        number = int(value)
    elif isinstance(value, str) and _HEX_NUMBER.fullmatch(value):
        number = int(value, 16)
    elif isinstance(value, int) and not isinstance(value, bool):
        number = value
    else:
        raise malformed(f"{where} is an integer")
    if not kind.fits(number):
        raise malformed(f"{where} does not fit {kind.name}")
    return number
