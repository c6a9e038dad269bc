"""EIP-55 form of EVM addresses, as the signed structures demand it."""

import re
from typing import Final

from eth_hash.auto import keccak

from quorate.core.model.members import bad

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")


def checksum(hex_digits: str) -> str:
    """EIP-55 text of 40 hexadecimal digits."""
    lower = hex_digits.lower()
    mask = keccak(lower.encode("ascii")).hex()
    return "0x" + "".join(c.upper() if int(m, 16) >= 8 else c for c, m in zip(lower, mask, strict=False))


def eip55(value: object, where: str) -> str:
    """Reads an address that must already carry its checksum. Raises wrong_type."""
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value) or checksum(value[2:]) != value:
        raise bad(where, "an EVM address with its EIP-55 checksum is expected")
    return value
