"""Strict reading of what sources answer: type, form and range of every value that is used.

Members that are not used are not looked at: sources add some of their own. Every reader raises QuorateError
chain_answer.
"""

import re
from typing import Any, Final

from quorate.core.errors import QuorateError

U64: Final = (1 << 64) - 1
I64: Final = (1 << 63) - 1
_HEX: Final = re.compile(r"(?:[0-9a-f]{2})*")
_QUANTITY: Final = re.compile(r"0x[0-9a-fA-F]{1,64}")


def printable(text: str, longest: int) -> str:
    """A source's words for messages and logs: bounded and on one line."""
    return "".join(c if c.isprintable() else " " for c in text[:longest]).strip()


def nonsense(what: str, value: object) -> QuorateError:
    shown = printable(str(value), 128)
    return QuorateError("chain_answer", f"{what}: {shown} is no answer", "peer", "check the chain's nodes")


def integer(value: object, what: str, low: int = 0, high: int = I64) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise nonsense(what, value)
    return value


def boolean(value: object, what: str) -> bool:
    if not isinstance(value, bool):
        raise nonsense(what, value)
    return value


def text(value: object, what: str, longest: int = 128) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise nonsense(what, value)
    return value


def octets(value: object, what: str, length: int | None = None) -> bytes:
    """Lower-case hexadecimal without prefix."""
    if not isinstance(value, str) or not _HEX.fullmatch(value) or length not in (None, len(value) // 2):
        raise nonsense(what, value)
    return bytes.fromhex(value)


def quantity(value: object, what: str = "a quantity") -> int:
    """0x and at most 256 bits in hexadecimal (Ethereum JSON-RPC)."""
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise nonsense(what, value)
    return int(value, 16)


def mapping(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise nonsense(what, value)
    return value


def listing(value: object, what: str, longest: int = 10_000) -> list[Any]:
    if not isinstance(value, list) or len(value) > longest:
        raise nonsense(what, value)
    return value
