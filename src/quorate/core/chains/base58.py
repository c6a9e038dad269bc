"""Base58Check: base58 of the payload and the first four bytes of its double SHA-256."""

import hashlib
from typing import Final

from quorate.core.errors import QuorateError

ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LONGEST: Final = 128
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}


def encode_check(payload: bytes) -> str:
    return encode(payload + _checksum(payload))


def decode_check(text: str) -> bytes:
    """The payload. Raises QuorateError base58: another alphabet, too long, or a wrong checksum."""
    data = decode(text)
    payload, checksum = data[:-4], data[-4:]
    if len(data) < 5 or _checksum(payload) != checksum:
        raise _bad("the checksum is wrong")
    return payload


def encode(data: bytes) -> str:
    number = int.from_bytes(data, "big")
    digits = ""
    while number:
        number, digit = divmod(number, 58)
        digits = ALPHABET[digit] + digits
    return ALPHABET[0] * (len(data) - len(data.lstrip(b"\0"))) + digits


def decode(text: str) -> bytes:
    """Raises QuorateError base58: another alphabet, or more than 128 characters (the work is quadratic)."""
    if len(text) > LONGEST:
        raise _bad(f"more than {LONGEST} characters")
    number = 0
    for character in text:
        if character not in _VALUES:
            raise _bad(f"{character!r} is no base58 character")
        number = number * 58 + _VALUES[character]
    zeros = len(text) - len(text.lstrip(ALPHABET[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _checksum(payload: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]


def _bad(message: str) -> QuorateError:
    return QuorateError("base58", message)
