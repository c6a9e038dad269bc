"""Base58Check: addresses before segwit, and extended keys (BIP32)."""

from typing import Final

from quorate.core.chains.bitcoin.hashes import sha256d
from quorate.core.errors import QuorateError

_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUES: Final = {character: value for value, character in enumerate(_ALPHABET)}
_LONGEST: Final = 112
"""Characters: an extended key has 111. Longer text never reaches the arithmetic."""


def encode(payload: bytes) -> str:
    data = payload + sha256d(payload)[:4]
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _ALPHABET[digit] + text
    zeros = len(data) - len(data.lstrip(b"\x00"))
    return "1" * zeros + text


def decode(text: str) -> bytes:
    """The payload. Raises QuorateError base58 unless the text is base58 and its checksum holds."""
    if not 0 < len(text) <= _LONGEST or not all(character in _VALUES for character in text):
        raise _bad("not base58 of 1 to 112 characters")
    number = 0
    for character in text:
        number = number * 58 + _VALUES[character]
    zeros = len(text) - len(text.lstrip("1"))
    data = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    if len(data) < 5 or sha256d(data[:-4])[:4] != data[-4:]:
        raise _bad("the checksum does not hold")
    return data[:-4]


def _bad(message: str) -> QuorateError:
    return QuorateError("base58", message, "caller", "copy the text again, whole")
