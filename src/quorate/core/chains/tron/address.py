"""TRON addresses: 0x41 and the last 20 bytes of keccak256(X || Y), as base58check text of 34 characters."""

from typing import Final

from coincurve import PublicKey
from eth_hash.auto import keccak

from quorate.core.chains import base58
from quorate.core.errors import QuorateError

PREFIX: Final = b"\x41"
LENGTH: Final = 21
"""Bytes with the prefix."""


def from_public_key(public_key: bytes) -> str:
    """Address of a compressed secp256k1 key (33 bytes). Raises QuorateError public_key."""
    try:
        point = PublicKey(public_key).format(compressed=False)
    except ValueError:
        raise QuorateError("public_key", f"{public_key.hex()} is not a public key of secp256k1") from None
    return from_bytes(PREFIX + keccak(point[1:])[12:])


def from_bytes(address: bytes) -> str:
    """Text of the 21 bytes. Raises QuorateError address."""
    if len(address) != LENGTH or address[:1] != PREFIX:
        raise _bad(f"{address[:32].hex()} is not 0x41 and 20 bytes")
    return base58.encode_check(address)


def to_bytes(text: str) -> bytes:
    """The 21 bytes of an address in its text form. Raises QuorateError address."""
    try:
        address = base58.decode_check(text)
    except QuorateError as failure:
        raise _bad(f"{text[:64]}: {failure.message}") from None
    if len(address) != LENGTH or address[:1] != PREFIX:
        raise _bad(f"{text[:64]} is no base58check of 0x41 and 20 bytes")
    return address


def read(text: str) -> str:
    """The one text of an address. Raises QuorateError address."""
    return from_bytes(to_bytes(text))


def _bad(message: str) -> QuorateError:
    return QuorateError("address", message, "caller", "give a base58check address that begins with T")
