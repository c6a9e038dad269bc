"""What an EVM signature is made over."""

from eth_hash.auto import keccak


def digest(data: bytes) -> bytes:
    """keccak256 of the unsigned transaction.

    Type byte and RLP (EIP-2718), or the nine-field list of EIP-155.
    """
    return keccak(data)
