"""Type names and function signatures of the contract ABI (Solidity ABI specification, "Types").

A signature may carry the names of its parameters, as ERC-7730 and people write it; the canonical text, which
the selector is made of, has none. Nesting, length and the size of fixed arrays are bounded.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from eth_hash.auto import keccak

from quorate.core.chains.evm.abi.elementary import WORD, Elementary, elementary
from quorate.core.errors import QuorateError

MAX_TEXT: Final = 4096
"""Longest signature, characters."""
MAX_DEPTH: Final = 8
"""Arrays and tuples inside one another."""
MAX_FIXED: Final = 1 << 16
"""Longest fixed array, elements."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_$]+|[(),]|\[(?:0|[1-9][0-9]{0,5})?\]| +")
_NAME: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


@dataclass(frozen=True)
class AbiType:
    """One type. `parts` is the element of an array or the components of a tuple; `length` is None for `T[]`.

    `head` is how many bytes it takes where it stands: its encoding when static, an offset when dynamic.
    """

    text: str
    leaf: Elementary | None = None
    parts: tuple["AbiType", ...] = ()
    array: bool = False
    length: int | None = None

    @cached_property
    def dynamic(self) -> bool:
        if self.leaf is not None:
            return self.leaf.dynamic
        return (self.array and self.length is None) or any(part.dynamic for part in self.parts)

    @cached_property
    def head(self) -> int:
        if self.dynamic or self.leaf is not None:
            return WORD
        return sum(part.head for part in self.parts) * (self.length or 1)


@dataclass(frozen=True)
class Signature:
    """A function: its canonical text, and the names of its parameters where they were given, else ''."""

    text: str
    types: tuple[AbiType, ...]
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.text[: self.text.index("(")]

    @cached_property
    def selector(self) -> bytes:
        return keccak(self.text.encode("ascii"))[:4]


def signature(text: str) -> Signature:
    """Raises QuorateError signature_form."""
    if len(text) > MAX_TEXT:
        raise _bad(f"a signature has at most {MAX_TEXT} characters")
    reader = _Reader(text)
    name = reader.take()
    if not _NAME.fullmatch(name):
        raise _bad(f"{name!r} is no function name")
    types, names = reader.components(0)
    reader.end()
    return Signature(f"{name}{_tuple_text(types)}", types, names)


def parse(text: str) -> AbiType:
    """One type without a name. Raises QuorateError signature_form."""
    if len(text) > MAX_TEXT:
        raise _bad(f"a type has at most {MAX_TEXT} characters")
    reader = _Reader(text)
    found = reader.type(0)
    reader.end()
    return found


def tuple_of(parts: tuple[AbiType, ...]) -> AbiType:
    return AbiType(_tuple_text(parts), parts=parts)


class _Reader:
    """Reads a signature front to back; recursion is bounded by MAX_DEPTH."""

    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        self._at = 0
        if sum(map(len, self._tokens)) != len(text):
            raise _bad(f"{text[:64]!r} is not the text of a signature")

    def peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self._at += 1
        return token

    def spaces(self) -> bool:
        if self.peek().startswith(" "):
            self._at += 1
            return True
        return False

    def end(self) -> None:
        if self.peek():
            raise _bad(f"{self.peek()!r} follows the end of a signature")

    def components(self, depth: int) -> tuple[tuple[AbiType, ...], tuple[str, ...]]:
        """What stands in parentheses."""
        if self.take() != "(":
            raise _bad("an opening parenthesis is expected")
        types: list[AbiType] = []
        names: list[str] = []
        self.spaces()
        while self.peek() != ")":
            if types:
                if self.take() != ",":
                    raise _bad("a comma is expected between types")
                self.spaces()
            types.append(self.type(depth + 1))
            names.append(self._name())
        self.take()
        return tuple(types), tuple(names)

    def type(self, depth: int) -> AbiType:
        if depth > MAX_DEPTH:
            raise _bad(f"types nested more than {MAX_DEPTH} deep")
        found = self._tuple(depth) if self.peek() == "(" else self._leaf()
        while self.peek().startswith("["):
            depth += 1
            if depth > MAX_DEPTH:
                raise _bad(f"types nested more than {MAX_DEPTH} deep")
            found = _array(found, self.take())
        return found

    def _tuple(self, depth: int) -> AbiType:
        parts, _ = self.components(depth)
        if not parts:
            # It would have no bytes, so that an array of it could have any length.
            raise _bad("an empty tuple is no type of a parameter")
        return tuple_of(parts)

    def _leaf(self) -> AbiType:
        name = self.take()
        leaf = elementary(name)
        if leaf is None:
            raise _bad(f"{name!r} is no canonical type of the ABI")
        return AbiType(name, leaf)

    def _name(self) -> str:
        """The parameter's name behind its type, if there is one."""
        spaced = self.spaces()
        if self.peek() in (",", ")", ""):
            return ""
        name = self.take()
        if not spaced or not _NAME.fullmatch(name):
            raise _bad(f"{name!r} is no parameter name")
        self.spaces()
        return name


def _array(element: AbiType, suffix: str) -> AbiType:
    length = int(suffix[1:-1]) if len(suffix) > 2 else None
    if length == 0 or (length or 0) > MAX_FIXED:
        raise _bad(f"a fixed array has 1 to {MAX_FIXED} elements")
    return AbiType(element.text + suffix, parts=(element,), array=True, length=length)


def _tuple_text(parts: tuple[AbiType, ...]) -> str:
    return f"({','.join(part.text for part in parts)})"


def _bad(message: str) -> QuorateError:
    return QuorateError(
        "signature_form", message, "caller", "write it as name(type,...) with canonical types"
    )
