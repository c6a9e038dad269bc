"""Base58 without a checksum, the text form of Solana keys, hashes and signatures (Bitcoin's alphabet)."""

from typing import Final

from quorate.core.errors import QuorateError

ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LONGEST: Final = 128
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}


def encode(data: bytes) -> str:
    """One digit for all but leading zero bytes; each of those is one `1`."""
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = ALPHABET[digit] + digits
    return "1" * (len(data) - len(data.lstrip(b"\x00"))) + digits


def decode(text: str) -> bytes:
    """Raises QuorateError base58: another alphabet, or more than 128 characters (the work is quadratic)."""
    if len(text) > LONGEST or not all(character in _VALUES for character in text):
        raise QuorateError("base58", f"{text[:64]!r} is not base58 of at most {LONGEST} characters")
    number = 0
    for character in text:
        number = number * 58 + _VALUES[character]
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
