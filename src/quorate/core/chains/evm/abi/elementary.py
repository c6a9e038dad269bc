"""The elementary types that the contract ABI and EIP-712 share, and the one 32-byte word of a value.

Solidity ABI specification, "Types"; EIP-712, "Definition of typed structured data". The aliases `uint` and
`int` are no canonical names and are not known here.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

ADDRESS, BOOL, UINT, INT, FIXED_BYTES, BYTES, STRING = (
    "address", "bool", "uint", "int", "fixed_bytes", "bytes", "string",
)  # fmt: skip
WORD: Final = 32
_SIZED: Final = re.compile(r"(uint|int|bytes)([1-9][0-9]{0,2})")
_PLAIN: Final = {"address": ADDRESS, "bool": BOOL, "bytes": BYTES, "string": STRING}


@dataclass(frozen=True, slots=True)
class Elementary:
    """`size` is bits for uint and int, bytes for fixed_bytes, 0 otherwise."""

    name: str
    kind: str
    size: int

    @property
    def dynamic(self) -> bool:
        return self.kind in (BYTES, STRING)

    def fits(self, value: int) -> bool:
        """Whether an integer is in the range of this uint or int."""
        low = -(1 << (self.size - 1)) if self.kind == INT else 0
        high = 1 << (self.size - 1 if self.kind == INT else self.size)
        return low <= value < high


@lru_cache(maxsize=256)
def elementary(name: str) -> Elementary | None:
    """The type of this canonical name, or None."""
    if name in _PLAIN:
        return Elementary(name, _PLAIN[name], 0)
    match = _SIZED.fullmatch(name)
    if match is None:
        return None
    kind, size = match[1], int(match[2])
    if kind == "bytes":
        return Elementary(name, FIXED_BYTES, size) if size <= WORD else None
    return Elementary(name, kind, size) if size % 8 == 0 and size <= 256 else None
