"""base64url without padding (RFC 7515 section 2)."""

import base64
import binascii
import re
from typing import Final

_ALPHABET: Final = re.compile(r"[A-Za-z0-9_-]*")


def decode(part: str) -> bytes:
    """Raises ValueError. More than one text can stand for the same bytes; `encode` makes one of them."""
    if not _ALPHABET.fullmatch(part):
        raise ValueError("a part is not base64url")
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        raise ValueError("a part is not base64url") from None


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
