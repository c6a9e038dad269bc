"""A strict reader of the protobuf encoding that takes only the one canonical encoding of a message.

Canonical is what the serializers of TRON's own clients write: fields in ascending order, each once unless it
is repeated, varints in their shortest form, no field that has its default value, none that the schema does
not name. Used by the decoder alone: the builder has its own writer, so that one mistake cannot sit on both
sides. Source: the "Encoding" page of the Protocol Buffers documentation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from quorate.core.errors import QuorateError

VARINT, LEN = 0, 2
"""Wire types. TRON's transactions have no other."""
MAX_BYTES: Final = 500 * 1024
"""The largest transaction that the chain takes."""


@dataclass(frozen=True, slots=True)
class Field:
    """`bits` bounds an integer (no field of a valid transaction is negative); 0 bits are for bytes.

    `message` is for embedded messages, whose presence counts even when they are empty.
    """

    name: str
    bits: int = 0
    repeated: bool = False
    message: bool = False


Schema: TypeAlias = Mapping[int, Field]


@dataclass(frozen=True, slots=True)
class Message:
    """What was read; what is absent has its default value. The readers raise malformed_transaction."""

    where: str
    integers: dict[str, int] = field(default_factory=dict)
    strings: dict[str, list[bytes]] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.integers or name in self.strings

    def integer(self, name: str) -> int:
        return self.integers.get(name, 0)

    def positive(self, name: str) -> int:
        """The chain refuses a zero here."""
        value = self.integer(name)
        if value == 0:
            raise malformed(f"{self.where}.{name} is not positive")
        return value

    def octets(self, name: str, *lengths: int) -> bytes:
        """Bytes, of one of `lengths` where any are given."""
        value = self.strings[name][0] if name in self.strings else b""
        if lengths and len(value) not in lengths:
            raise malformed(f"{self.where}.{name} has not {' or '.join(map(str, lengths))} bytes")
        return value

    def many(self, name: str) -> list[bytes]:
        return self.strings.get(name, [])


def read(data: bytes, schema: Schema, where: str) -> Message:
    """The message of exactly these bytes. Raises QuorateError malformed_transaction."""
    message = Message(where)
    at = last = 0
    while at < len(data):
        tag, at = _varint(data, at, where)
        at = _element(data, at, _field(schema, tag, last, where), message)
        last = tag >> 3
    if encode(message, schema) != data:
        raise malformed(f"{where} is not in its canonical encoding")
    return message


def encode(message: Message, schema: Schema) -> bytes:
    """The canonical encoding of a message."""
    out = bytearray()
    for number, entry in sorted(schema.items()):
        if entry.bits and message.integer(entry.name):
            out += _shortest(number << 3 | VARINT) + _shortest(message.integer(entry.name))
        for element in message.many(entry.name):
            if element or entry.repeated or entry.message:
                out += _shortest(number << 3 | LEN) + _shortest(len(element)) + element
    return bytes(out)


def malformed(message: str) -> QuorateError:
    return QuorateError("malformed_transaction", message, "caller", "give the canonical bytes of raw_data")


def _field(schema: Schema, tag: int, last: int, where: str) -> Field:
    number, wire_type = tag >> 3, tag & 7
    found = schema.get(number)
    if found is None:
        raise malformed(f"{where} has no field {number}")
    if wire_type != (VARINT if found.bits else LEN):
        raise malformed(f"{where}.{found.name} has wire type {wire_type}")
    if number < last or (number == last and not found.repeated):
        raise malformed(f"{where}.{found.name} is out of order, or there twice")
    return found


def _element(data: bytes, at: int, entry: Field, message: Message) -> int:
    """Reads one value into the message; returns where it ends."""
    value, at = _varint(data, at, message.where)
    if entry.bits:
        if value >> entry.bits:
            raise malformed(f"{message.where}.{entry.name} is negative or out of range")
        message.integers[entry.name] = value
        return at
    end = at + value
    if end > len(data):
        raise malformed(f"{message.where}.{entry.name} is longer than what holds it")
    message.strings.setdefault(entry.name, []).append(data[at:end])
    return end


def _varint(data: bytes, at: int, where: str) -> tuple[int, int]:
    """A varint of at most 10 bytes in its shortest form, and where it ends."""
    value = 0
    for length, byte in enumerate(data[at : at + 10]):
        value |= (byte & 0x7F) << 7 * length
        if byte < 0x80:
            if length and byte == 0:
                raise malformed(f"{where}: a varint is not in its shortest form")
            return value, at + length + 1
    raise malformed(f"{where}: a varint is cut short or too long")


def _shortest(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])
