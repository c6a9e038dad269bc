"""Messages by their type: the format that the decoder reads, and the digest that is signed."""

from collections.abc import Mapping
from typing import Final

from eth_hash.auto import keccak

from quorate.core.chains.evm import personal
from quorate.core.chains.evm.typed.document import read_typed_data

TYPED_DATA: Final = "EIP712"
PERSONAL: Final = "EIP191"
FORMATS: Final[Mapping[str, str]] = {TYPED_DATA: "evm-typed-data", PERSONAL: "evm-personal-message"}
"""Type -> format of `item.decode_item`."""


def digest(type: str, content: bytes) -> bytes:
    """keccak256 of the preimage: of the JSON text of typed data (EIP-712), or of a message without its
    prefix (EIP-191, version 0x45).

    Raises QuorateError: too_large; malformed_typed_data.
    """
    made = read_typed_data(content).preimage if type == TYPED_DATA else personal.preimage(content)
    return keccak(made)
