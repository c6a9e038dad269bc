"""A strict reader of RLP (Yellow Paper, appendix B) that takes only the one canonical encoding of a value.

Used by the decoder alone. The builder encodes with the `rlp` library, so that one mistake cannot sit on both
sides.
"""

from typing import Final, TypeAlias, Union

from quorate.core.errors import QuorateError

Rlp: TypeAlias = Union[bytes, list["Rlp"]]  # noqa: UP007  # a recursive alias needs the quoted form

MAX_DEPTH: Final = 4
"""A transaction is a list of access-list entries that hold lists of storage keys: 4 deep."""


def read(data: bytes) -> Rlp:
    """The value of exactly these bytes. Raises QuorateError: malformed_transaction, trailing_bytes."""
    value, end = _item(data, 0, len(data), 0)
    if end != len(data):
        raise malformed(f"{len(data) - end} trailing bytes", "trailing_bytes")
    return value


def as_bytes(value: Rlp, name: str, *lengths: int) -> bytes:
    """A byte string, of one of `lengths` where any are given."""
    if not isinstance(value, bytes) or (lengths and len(value) not in lengths):
        raise malformed(f"{name} is not a byte string of {' or '.join(map(str, lengths)) or 'any'} bytes")
    return value


def as_list(value: Rlp, name: str, length: int | None = None) -> list[Rlp]:
    if not isinstance(value, list) or (length is not None and len(value) != length):
        raise malformed(f"{name} is not a list" + ("" if length is None else f" of {length}"))
    return value


def as_integer(value: Rlp, name: str, bits: int) -> int:
    """An unsigned integer: big-endian without leading zeros, below 2^bits."""
    text = as_bytes(value, name)
    if text[:1] == b"\x00":
        raise malformed(f"{name} has leading zeros")
    if len(text) * 8 > bits:
        raise malformed(f"{name} has more than {bits} bits")
    return int.from_bytes(text, "big")


def malformed(message: str, code: str = "malformed_transaction") -> QuorateError:
    return QuorateError(code, message, "caller", "give the canonical bytes of an unsigned transaction")


def _item(data: bytes, at: int, end: int, depth: int) -> tuple[Rlp, int]:
    """The item that starts at `at`, and where the next one starts; nothing at or behind `end` is read."""
    if at >= end:
        raise malformed("the bytes end where a value is expected")
    first = data[at]
    if first < 0x80:
        return data[at : at + 1], at + 1
    if first < 0xC0:
        start, stop = _span(data, at, end, 0x80)
        if stop - start == 1 and data[start] < 0x80:
            raise malformed(f"a single byte below 0x80 has a length at offset {at}")
        return data[start:stop], stop
    if depth == MAX_DEPTH:
        raise malformed(f"lists nested more than {MAX_DEPTH} deep")
    return _list(data, *_span(data, at, end, 0xC0), depth)


def _list(data: bytes, at: int, end: int, depth: int) -> tuple[Rlp, int]:
    values: list[Rlp] = []
    while at < end:
        value, at = _item(data, at, end, depth + 1)
        values.append(value)
    return values, end


def _span(data: bytes, at: int, end: int, offset: int) -> tuple[int, int]:
    """Start and end of the payload whose header is at `at`.

    `offset` is 0x80 for byte strings, 0xC0 for lists.
    """
    length = data[at] - offset
    start = at + 1
    if length > 55:
        start += length - 55
        size = data[at + 1 : start]
        length = int.from_bytes(size, "big")
        if start > end or size[0] == 0 or length <= 55:
            raise malformed(f"a length at offset {at} is not in its shortest form")
    if start + length > end:
        raise malformed(f"a value at offset {at} is longer than what holds it")
    return start, start + length
