"""Reads Bitcoin's serialisation front to back: little-endian integers, sizes in their shortest form."""

from typing import Final

from quorate.core.errors import QuorateError

_WIDE: Final = {0xFD: (2, 0xFD), 0xFE: (4, 0x1_0000), 0xFF: (8, 0x1_0000_0000)}
"""First byte -> bytes that follow, and the smallest value that needs them."""


class Reader:
    """Every method raises QuorateError `code` where the bytes end too early; `end` where some are left."""

    __slots__ = ("at", "code", "data")

    def __init__(self, data: bytes, code: str) -> None:
        self.data = data
        self.code = code
        self.at = 0

    @property
    def left(self) -> int:
        return len(self.data) - self.at

    def refuse(self, message: str, code: str = "") -> QuorateError:
        return QuorateError(code or self.code, message, "caller", "give the bytes whole, as they were made")

    def take(self, length: int) -> bytes:
        start, self.at = self.at, self.at + length
        if self.at > len(self.data):
            raise self.refuse(f"the bytes end where {length} more are expected at offset {start}")
        return self.data[start : self.at]

    def u32(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def u64(self) -> int:
        return int.from_bytes(self.take(8), "little")

    def compact(self) -> int:
        first = self.take(1)[0]
        if first < 0xFD:
            return first
        length, smallest = _WIDE[first]
        value = int.from_bytes(self.take(length), "little")
        if value < smallest:
            raise self.refuse(f"a size at offset {self.at - length - 1} is not in its shortest form")
        return value

    def sized(self) -> bytes:
        """Bytes behind their length."""
        return self.take(self.compact())

    def count(self, shortest: int) -> int:
        """How many things follow, each at least `shortest` bytes long: never more than can be there."""
        count = self.compact()
        if count * shortest > self.left:
            raise self.refuse(f"{count} elements do not fit into the {self.left} bytes that are left")
        return count

    def end(self) -> None:
        if self.left:
            raise self.refuse(f"{self.left} trailing bytes", "trailing_bytes")
