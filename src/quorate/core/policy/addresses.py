"""Addresses that are known, and addresses made to be mistaken for them.

Address poisoning: who copies an address from a history compares its first and last characters, so a thief
searches for a key whose address has the same ones and puts it there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

_END: Final = 3
"""Characters that must be equal at either end..."""
_BOTH: Final = 7
"""...and at both together. By chance that happens to one hexadecimal address in 16^7."""
_FIXED: Final = ("0x", "bc1q", "bc1p", "tb1q", "tb1p", "bcrt1q", "bcrt1p")


def normal(address: str) -> str:
    """One text for one address: hexadecimal is lower case, whatever its checksum says."""
    return address.lower() if address.startswith("0x") else address


def significant(address: str) -> str:
    """What tells an address from others: without the characters that all of its kind begin with, and
    without case, which the eye passes over.
    """
    for prefix in _FIXED:
        if address.lower().startswith(prefix):
            return address[len(prefix) :].lower()
    return address[1:].lower() if address[:1] in "T13" else address.lower()


def lookalike_start(address: str) -> str:
    """Whatever could be taken for this address begins with this, in lower case."""
    return address[: len(address) - len(significant(address)) + _END].lower()


@dataclass(frozen=True)
class AddressBook:
    """Own addresses and the whitelist, each with the id that the charter gives it (None without one), and
    further addresses that people know (`familiar`).
    """

    own: Mapping[str, str | None] = field(default_factory=dict)
    whitelist: Mapping[str, str | None] = field(default_factory=dict)
    familiar: Iterable[str] = ()

    @cached_property
    def _own(self) -> Mapping[str, str | None]:
        return {normal(address): id for address, id in self.own.items()}

    @cached_property
    def _whitelist(self) -> Mapping[str, str | None]:
        return {normal(address): id for address, id in self.whitelist.items()}

    def is_own(self, address: str) -> bool:
        return normal(address) in self._own

    def kinds(self, address: str) -> frozenset[str]:
        """What rules call this destination: own_account, whitelist, each also with its id; or one_time."""
        found: set[str] = set()
        for kind, book in (("own_account", self._own), ("whitelist", self._whitelist)):
            if normal(address) in book:
                id = book[normal(address)]
                found |= {kind} if id is None else {kind, f"{kind}:{id}"}
        return frozenset(found or {"one_time"})

    def resembles(self, address: str) -> str | None:
        """A known address that this unknown one could be taken for."""
        if "one_time" not in self.kinds(address):
            return None
        text = significant(address)
        for known in self._by_ends.get((text[:_END], text[-_END:]), ()):
            other = significant(known)
            if other != text and _equal_ends(text, other) >= _BOTH:
                return known
        return None

    @cached_property
    def _by_ends(self) -> Mapping[tuple[str, str], list[str]]:
        index: dict[tuple[str, str], list[str]] = {}
        for known in dict.fromkeys((*self.own, *self.whitelist, *self.familiar)):
            text = significant(known)
            index.setdefault((text[:_END], text[-_END:]), []).append(known)
        return index


def _equal_ends(one: str, other: str) -> int:
    """How many characters are equal from the front, and from the back."""
    return _equal(one, other) + _equal(one[::-1], other[::-1])


def _equal(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
