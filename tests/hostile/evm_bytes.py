"""An unsigned EIP-1559 transaction as a list of fields, to be bent and encoded by the test's own RLP."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

CHAIN, NONCE, PRIORITY, MAX_FEE, GAS, TO, VALUE, DATA = range(8)
FIELDS: Final = ("chain id", "nonce", "priority fee", "highest fee", "gas", "to", "value", "data")
SELECTOR: Final = bytes.fromhex("a9059cbb")

Rlp = bytes | Sequence["Rlp"]


def encode(value: Rlp) -> bytes:
    """Canonical RLP (Yellow Paper, appendix B)."""
    if isinstance(value, bytes):
        if len(value) == 1 and value[0] < 0x80:
            return value
        return _length(len(value), 0x80) + value
    content = b"".join(encode(item) for item in value)
    return _length(len(content), 0xC0) + content


def _length(length: int, offset: int) -> bytes:
    if length < 56:
        return bytes([offset + length])
    size = number(length)
    return bytes([offset + 55 + len(size)]) + size


def number(value: int) -> bytes:
    """An integer without leading zeros."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


@dataclass
class Transaction:
    """`prefix` is the type byte; `accesses` the access list."""

    fields: list[bytes]
    accesses: Sequence[Rlp] = ()
    prefix: bytes = b"\x02"
    more: list[Rlp] = field(default_factory=list)

    @classmethod
    def of(cls, data: bytes) -> "Transaction":
        """Takes apart what an honest builder made."""
        import rlp  # type: ignore[import-untyped]

        *fields, accesses = rlp.decode(data[1:])
        return cls(list(fields), accesses)

    def encode(self) -> bytes:
        return self.prefix + encode([*self.fields, list(self.accesses), *self.more])


Bend = Callable[[Transaction], bytes]
"""From the honest transaction to the bytes that are shown to the signers."""


def set_field(at: int, value: bytes) -> Bend:
    def bend(transaction: Transaction) -> bytes:
        transaction.fields[at] = value
        return transaction.encode()

    return bend


def flip_number(at: int, bit: int) -> Bend:
    def bend(transaction: Transaction) -> bytes:
        transaction.fields[at] = number(int.from_bytes(transaction.fields[at], "big") ^ (1 << bit))
        return transaction.encode()

    return bend


def flip_bytes(at: int, bit: int) -> Bend:
    """One bit of a field of fixed length; bit 0 is the lowest of its last byte."""

    def bend(transaction: Transaction) -> bytes:
        content = transaction.fields[at]
        value = int.from_bytes(content, "big") ^ (1 << bit)
        transaction.fields[at] = value.to_bytes(len(content), "big")
        return transaction.encode()

    return bend


def field_span(transaction: Transaction, at: int) -> tuple[int, int]:
    """Where the encoding of a field lies within the encoded list's content."""
    before = b"".join(encode(item) for item in transaction.fields[:at])
    return len(before), len(before) + len(encode(transaction.fields[at]))


def with_encoding(at: int, encoding: Callable[[bytes], bytes]) -> Bend:
    """The field in another encoding of its value, the list's header made to fit."""

    def bend(transaction: Transaction) -> bytes:
        parts = [encode(item) for item in transaction.fields]
        parts[at] = encoding(transaction.fields[at])
        content = b"".join([*parts, encode(list(transaction.accesses))])
        return transaction.prefix + _length(len(content), 0xC0) + content

    return bend
