"""How a secret may lie in memory or in a file: raw, in the word orders of limbs, and as text."""

import base64
import struct
from collections.abc import Iterator
from typing import Final

PIECE: Final = 16
"""Bytes that must agree. Every piece of a form is looked for by itself, so half a secret is found too.
Of text, with its 3 to 6 bits a byte, it takes twice as many.
"""
_LIMBS: Final = ((52, "Q"), (51, "Q"), (56, "Q"), (26, "I"), (29, "I"), (30, "I"))
"""Bits of a limb and the word that holds it: k256, curve25519-dalek, their 32-bit forms, CPython (30)."""


def pieces(value: bytes, *, scalar: bool) -> Iterator[tuple[str, bytes]]:
    """(name of the form, bytes that must not be found anywhere)."""
    for order, content in (("", value), ("reversed ", value[::-1])):
        for name, form in _raw(content):
            yield from _cut(order + name, form, PIECE)
        for name, text in _texts(content):
            yield from _cut(order + name, text, 2 * PIECE)
            yield from _cut(f"{order}{name}, UTF-16", text.decode("latin-1").encode("utf-16-le"), 2 * PIECE)
        if scalar:
            for bits, word in _LIMBS:
                yield from _cut(f"{order}{bits}-bit limbs", _limbs(content, bits, word), PIECE)


def _raw(value: bytes) -> Iterator[tuple[str, bytes]]:
    yield "raw", value
    for size in (2, 4, 8):
        words = [value[at : at + size] for at in range(0, len(value), size)]
        yield f"{8 * size}-bit words backwards", b"".join(reversed(words))


def _limbs(value: bytes, bits: int, word: str) -> bytes:
    """The number that `value` is in big-endian order, least limb first."""
    number, limbs = int.from_bytes(value, "big"), []
    while number:
        limbs.append(number & ((1 << bits) - 1))
        number >>= bits
    return struct.pack(f"<{len(limbs)}{word}", *limbs)


def _texts(value: bytes) -> Iterator[tuple[str, bytes]]:
    yield "hex", value.hex().encode()
    yield "HEX", value.hex().upper().encode()
    for shift in range(3):
        # What lies before and after decides over the characters at both ends.
        for name, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
            text = encode(bytes(shift) + value)
            yield f"{name} at {shift}", text[(0, 2, 3)[shift] : len(text.rstrip(b"=")) - 1]
    yield "decimal", str(int.from_bytes(value, "big")).encode()
    yield "list of numbers", ", ".join(map(str, value)).encode()
    yield "list of numbers, dense", ",".join(map(str, value)).encode()
    yield "escapes", repr(value)[2:-1].encode()
    yield "octets with colons", value.hex(":").encode()


def _cut(name: str, form: bytes, size: int) -> Iterator[tuple[str, bytes]]:
    """Pieces of `size` bytes, the last one up to the end; a form that is shorter is one piece."""
    last = max(len(form) - size, 0)
    for at in sorted({*range(0, last, size), last}):
        piece = form[at : at + size]
        if len(set(piece)) >= 6:  # what repeats itself is found everywhere
            yield name, piece
