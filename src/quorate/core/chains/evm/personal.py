"""`personal_sign` (EIP-191, version 0x45): text for people, and what is not."""

from collections.abc import Iterator
from typing import Final

from quorate.core.chains.effects import Effect, blind, effect

MAX_BYTES: Final = 128 * 1024
HASH: Final = "hash_in_personal_message"
NOT_TEXT: Final = "personal_message_not_text"


def preimage(message: bytes) -> bytes:
    """0x19, "Ethereum Signed Message:", line feed, length in decimal, message; its keccak256 is signed."""
    return b"\x19Ethereum Signed Message:\n" + str(len(message)).encode("ascii") + message


def effects(message: bytes) -> Iterator[Effect]:
    """Contracts take a signed 32-byte message for consent to what it is the hash of, as Safe does."""
    text = _text(message)
    if text is None:
        yield effect("message", kind="personal", hex="0x" + message.hex())
        yield blind(HASH if len(message) == 32 else NOT_TEXT)
        return
    yield effect("message", kind="personal", text=text)
    if len(message) == 32:
        yield blind(HASH)


def _text(message: bytes) -> str | None:
    """UTF-8 without control characters other than line feed, carriage return and tab."""
    try:
        text = message.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if all(c.isprintable() or c in "\n\r\t" for c in text) else None
