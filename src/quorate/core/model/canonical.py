"""Canonical JSON (RFC 8785, integers only), labelled hashes and the binary layout of docs/spec/README.md."""

import hashlib
import json
from typing import Final, Never

from quorate.core.errors import QuorateError
from quorate.core.model.nesting import deeper_than

LIMIT: Final = 1 << 20
"""Largest structure, bytes."""
MAX_DEPTH: Final = 16
MAX_INTEGER: Final = (1 << 53) - 1
_MAX_NUMBER_TEXT: Final = 17  # sign and the 16 digits of 2^53 - 1; longer text never reaches int()


def encode(value: object) -> bytes:
    """The one encoding of a value. Raises not_canonical for what has none (floats, large integers, ...),
    too_large.
    """
    _check(value, 1)
    data = _dumps(value)
    if len(data) > LIMIT:
        raise _too_large(f"a structure is at most {LIMIT} bytes, this one has {len(data)}")
    return data


def decode(data: bytes, *, limit: int = LIMIT) -> object:
    """The value of canonical bytes. Raises not_canonical for what is not its own re-encoding, too_large."""
    value = decode_lenient(data, limit=limit)
    if _dumps(value) != data:
        raise _not_canonical("the bytes differ from their re-encoding (RFC 8785)")
    return value


def decode_lenient(data: bytes, *, limit: int = LIMIT, extra_depth: int = 0) -> object:
    """As `decode`, but white space, member order and escapes are free: for files that people edit, never
    for bytes to be hashed.

    `extra_depth` is how deep the structures lie inside the file.
    """
    if len(data) > limit:
        raise _too_large(f"at most {limit} bytes are read here, these are {len(data)}")
    if deeper_than(data, MAX_DEPTH + extra_depth):
        raise _not_canonical(f"nested more than {MAX_DEPTH} deep")
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except ValueError as error:
        raise _not_canonical(f"not JSON: {error}") from None
    _check(value, 1 - extra_depth)
    return value


def _dumps(value: object) -> bytes:
    """RFC 8785 of a checked value.

    Within what `_check` admits (ASCII keys, text without lone surrogates, integers of 53 bits) the
    standard library writes the same bytes as the rfc8785 package, six times faster; tests compare the two.
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def labelled(label: str, body: bytes) -> bytes:
    """What is hashed and what a keeper signs: label || 0x0A || body."""
    return label.encode("ascii") + b"\n" + body


def digest(label: str, body: bytes) -> bytes:
    """SHA-256 of the labelled body, 32 bytes: the hash of a structure."""
    return hashlib.sha256(labelled(label, body)).digest()


def lp(data: bytes) -> bytes:
    """Length-prefixed bytes: u32 big-endian, then the bytes."""
    return len(data).to_bytes(4, "big") + data


def lp_text(text: str) -> bytes:
    return lp(text.encode("utf-8"))


class Reader:
    """Reads the binary layout front to back.

    Every method raises QuorateError `code` (a structure's form code) at the end of the bytes; `end` where
    some are left.
    """

    def __init__(self, data: bytes, code: str = "not_canonical") -> None:
        self._data = data
        self._code = code
        self._at = 0

    def refuse(self, message: str) -> QuorateError:
        return QuorateError(self._code, message, "caller", "see docs/spec for the layout")

    def take(self, length: int) -> bytes:
        end = self._at + length
        if end > len(self._data):
            raise self.refuse(f"ends too early: {length} bytes expected at offset {self._at}")
        piece = self._data[self._at : end]
        self._at = end
        return piece

    def u8(self) -> int:
        return int.from_bytes(self.take(1), "big")

    def u16(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def u32(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def u64(self) -> int:
        return int.from_bytes(self.take(8), "big")

    def lp(self) -> bytes:
        return self.take(self.u32())

    def lp_text(self) -> str:
        try:
            return self.lp().decode("utf-8")
        except UnicodeDecodeError:
            raise self.refuse(f"text that ends at offset {self._at} is not UTF-8") from None

    def end(self) -> None:
        if self._at != len(self._data):
            raise self.refuse(f"{len(self._data) - self._at} bytes too many")


def _check(value: object, depth: int) -> None:
    """Refuses what the restricted JSON does not have. Depth counts containers: `[]` is 1 deep, a number 0."""
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise _not_canonical("an integer is at most 2^53 - 1 in magnitude")
    elif isinstance(value, dict | list | tuple):
        if depth > MAX_DEPTH:
            raise _not_canonical(f"nested more than {MAX_DEPTH} deep")
        if isinstance(value, dict):
            for key in value:
                if not isinstance(key, str) or not key.isascii():
                    raise _not_canonical("a member name is not ASCII text")
            value = list(value.values())
        for item in value:
            _check(item, depth + 1)
    else:
        raise _not_canonical(f"{type(value).__name__} has no canonical form")


def _check_text(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise _not_canonical("text holds a lone surrogate") from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _not_canonical("a member name occurs twice in one object")
    return result


def _integer(text: str) -> int:
    if len(text) > _MAX_NUMBER_TEXT:
        raise _not_canonical("an integer is at most 2^53 - 1 in magnitude")
    return int(text)


def _refuse_number(text: str) -> Never:
    raise _not_canonical(f"{text[:32]} is not an integer; no structure holds other numbers")


def _too_large(message: str) -> QuorateError:
    return QuorateError("too_large", message, "caller", "see docs/spec/README.md for the limits")


def _not_canonical(message: str) -> QuorateError:
    return QuorateError(
        "not_canonical", message, "caller", "send exactly the canonical bytes (docs/spec/README.md)"
    )
