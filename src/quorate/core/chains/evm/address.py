"""EVM addresses from public keys (Yellow Paper, appendix F) in EIP-55 form."""

import re
from typing import Final

from coincurve import PublicKey
from eth_hash.auto import keccak

from quorate.core.errors import QuorateError
from quorate.core.model.address import checksum as _checksum
from quorate.core.model.address import eip55

__all__ = ["checksum", "eip55", "from_bytes", "from_public_key"]

_DIGITS: Final = re.compile(r"[0-9a-fA-F]{40}")


def from_public_key(public_key: bytes) -> str:
    """Address of a compressed secp256k1 key (33 bytes).

    It is the last 20 bytes of keccak256(X || Y). Raises QuorateError public_key.
    """
    try:
        point = PublicKey(public_key).format(compressed=False)
    except ValueError:
        raise QuorateError("public_key", f"{public_key.hex()} is not a public key of secp256k1") from None
    return from_bytes(keccak(point[1:])[12:])


def from_bytes(address: bytes) -> str:
    """EIP-55 text of a 20-byte address."""
    if len(address) != 20:
        raise QuorateError("address", f"an EVM address has 20 bytes, this one {len(address)}")
    return _checksum(address.hex())


def checksum(address: str) -> str:
    """EIP-55 text of an address in any letter case, with or without 0x. Raises QuorateError address."""
    digits = address.removeprefix("0x")
    if not _DIGITS.fullmatch(digits):
        raise QuorateError("address", f"{address[:64]} is not 40 hexadecimal digits")
    return _checksum(digits)
