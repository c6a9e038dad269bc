"""EVM addresses from public keys (Yellow Paper, appendix F) in EIP-55 form."""

from coincurve import PublicKey
from eth_hash.auto import keccak

from quorate.core.errors import QuorateError
from quorate.core.model.address import checksum as _checksum
from quorate.core.model.address import eip55

__all__ = ["checksum", "eip55", "from_bytes", "from_public_key"]


def from_public_key(public_key: bytes) -> str:
    """Address of a 33-byte compressed secp256k1 key.

    The last 20 bytes of keccak256(X || Y). Raises QuorateError public_key.
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
    try:
        return from_bytes(bytes.fromhex(address.removeprefix("0x")))
    except ValueError:
        raise QuorateError("address", f"{address[:64]} is not hexadecimal") from None
