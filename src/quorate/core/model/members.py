"""Typed reading of decoded JSON: every structure names its members, and each member is read by one of
these.

Raises QuorateError, each naming the place: unknown_member, missing_member, identifier (an id of another
form), wrong_type (any other wrong type, form or range).
"""

import re
from collections.abc import Callable
from typing import Final, TypeVar

from quorate.core.errors import QuorateError
from quorate.core.model.canonical import MAX_INTEGER

T = TypeVar("T")

MAX_AMOUNT: Final = (1 << 256) - 1
_IDENTIFIER: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_NAME_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_AMOUNT: Final = re.compile(r"0|[1-9][0-9]{0,77}")
_HEX: Final = re.compile(r"(?:[0-9a-f]{2})*")
_ACCOUNT: Final = re.compile(r"0|[1-9][0-9]{0,9}")


def bad(where: str, message: str) -> QuorateError:
    return QuorateError(
        "wrong_type", f"{where}: {message}", "caller", "see docs/spec for the form of this member"
    )


def bad_id(where: str, form: str) -> QuorateError:
    return QuorateError(
        "identifier", f"{where}: {form} is expected", "caller", "see docs/spec/README.md for ids"
    )


class Members:
    """One JSON object whose members are exactly the named ones. `where` is its place, for messages:
    `charter.signers[1]`.
    """

    def __init__(
        self, value: object, where: str, required: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> None:
        if not isinstance(value, dict):
            raise bad(where, "an object is expected")
        self._value: dict[str, object] = value
        self.where = where
        unknown = sorted(value.keys() - set(required) - set(optional))
        if unknown:
            raise QuorateError("unknown_member", f"{where}.{unknown[0]} is not a member of this structure")
        missing = [name for name in required if name not in value]
        if missing:
            raise QuorateError("missing_member", f"{where}.{missing[0]} is missing")

    def __contains__(self, name: str) -> bool:
        return name in self._value

    def at(self, name: str) -> str:
        return f"{self.where}.{name}"

    def raw(self, name: str) -> object:
        return self._value[name]

    def bad(self, name: str, message: str) -> QuorateError:
        return bad(self.at(name), message)

    def text(self, name: str, *, longest: int = 255) -> str:
        return text(self._value[name], self.at(name), longest=longest)

    def identifier(self, name: str) -> str:
        return identifier(self._value[name], self.at(name))

    def name_id(self, name: str) -> str:
        return name_id(self._value[name], self.at(name))

    def printable(self, name: str) -> str:
        return printable(self._value[name], self.at(name))

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        return one_of(self._value[name], self.at(name), allowed)

    def integer(self, name: str, low: int = 0, high: int = MAX_INTEGER) -> int:
        return integer(self._value[name], self.at(name), low, high)

    def boolean(self, name: str) -> bool:
        value = self._value[name]
        if not isinstance(value, bool):
            raise self.bad(name, "true or false is expected")
        return value

    def amount(self, name: str, low: int = 0) -> int:
        return amount(self._value[name], self.at(name), low)

    def hex(self, name: str, length: int | None = None) -> bytes:
        return hex_bytes(self._value[name], self.at(name), length)

    def cluster(self, name: str = "cluster") -> str:
        return hex_bytes(self._value[name], self.at(name), 16).hex()

    def array(
        self, name: str, read: Callable[[object, str], T], *, shortest: int = 0, longest: int = 100_000
    ) -> tuple[T, ...]:
        return array(self._value[name], self.at(name), read, shortest=shortest, longest=longest)

    def optional(self, name: str, read: Callable[[object, str], T]) -> T | None:
        """None for JSON null; otherwise read."""
        value = self._value[name]
        return None if value is None else read(value, self.at(name))


def text(value: object, where: str, *, longest: int = 255) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        raise bad(where, f"text of 1 to {longest} characters is expected")
    return value


def is_identifier(text: str) -> bool:
    return _IDENTIFIER.fullmatch(text) is not None


def is_amount(text: str) -> bool:
    return _AMOUNT.fullmatch(text) is not None and int(text) <= MAX_AMOUNT


def is_hex(text: str, length: int) -> bool:
    return len(text) == 2 * length and _HEX.fullmatch(text) is not None


def identifier(value: object, where: str) -> str:
    """Signer, administrator, key and rule ids."""
    if not isinstance(value, str) or not is_identifier(value):
        raise bad_id(where, "an id of the form [a-z0-9][a-z0-9-]{0,31}")
    return value


def name_id(value: object, where: str) -> str:
    """Asset and whitelist ids; they appear in URLs."""
    if not isinstance(value, str) or not _NAME_ID.fullmatch(value):
        raise bad_id(where, "an id of the form [A-Za-z0-9][A-Za-z0-9._-]{0,63}")
    return value


def printable(value: object, where: str) -> str:
    """API user ids and external ids: printable ASCII, 1..255."""
    if not isinstance(value, str) or not 1 <= len(value) <= 255 or not all(" " <= c <= "~" for c in value):
        raise bad_id(where, "printable ASCII of 1 to 255 characters")
    return value


def account(value: object, where: str) -> str:
    """A vault account id: the decimal index below the root key, < 2^31, without leading zeros."""
    if not isinstance(value, str) or not _ACCOUNT.fullmatch(value) or int(value) >= 1 << 31:
        raise bad_id(where, "a vault account id (decimal, below 2^31, no leading zeros)")
    return value


def one_of(value: object, where: str, allowed: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise bad(where, f"one of {', '.join(allowed)} is expected")
    return value


def integer(value: object, where: str, low: int = 0, high: int = MAX_INTEGER) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise bad(where, f"an integer from {low} to {high} is expected")
    return value


def amount(value: object, where: str, low: int = 0) -> int:
    """A decimal string of the smallest unit, no leading zeros, below 2^256."""
    if not isinstance(value, str) or not is_amount(value) or int(value) < low:
        raise bad(where, f"a decimal string from {low} to 2^256 - 1 without leading zeros is expected")
    return int(value)


def hex_bytes(value: object, where: str, length: int | None = None) -> bytes:
    if not isinstance(value, str) or not _HEX.fullmatch(value) or length not in (None, len(value) // 2):
        size = "" if length is None else f" of {length} bytes"
        raise bad(where, f"lower-case hexadecimal{size} without prefix is expected")
    return bytes.fromhex(value)


def array(
    value: object, where: str, read: Callable[[object, str], T], *, shortest: int = 0, longest: int = 100_000
) -> tuple[T, ...]:
    if not isinstance(value, list) or not shortest <= len(value) <= longest:
        raise bad(where, f"an array of {shortest} to {longest} elements is expected")
    return tuple(read(item, f"{where}[{index}]") for index, item in enumerate(value))


def path(value: object, where: str) -> tuple[int, ...]:
    """A derivation path below the root key: depth 2..10, non-hardened (every index < 2^31)."""
    return array(value, where, lambda item, at: integer(item, at, 0, (1 << 31) - 1), shortest=2, longest=10)
