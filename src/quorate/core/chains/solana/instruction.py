"""One instruction as a program sees it, strict reading of its data and accounts, and what no decoder knows.

Programs tell instructions apart by a tag at the front of the data. A program's file here is a table from tag
to a small function that reads the rest. The functions demand the exact length and account count: programs
ignore what is behind, we do not, because nobody who means well puts anything there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from quorate.core.chains import base58
from quorate.core.chains.effects import blind, effect

Effects = list[dict[str, object]]
NONE = "none"
"""Stands where an effect must name an address and the instruction takes it away, or has none to give."""
UNKNOWN = "unknown"
"""Stands for a mint that the bytes do not name; a `blind` effect always goes with it."""


class Unreadable(Exception):
    """Data or accounts that are not exactly those of the instruction. Never leaves `decode_with`."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """`position` counts from 0; `signs` says which of `accounts` sign the message.

    An account that an untrusted lookup table gives is the text `lookup:TABLE:INDEX`, which is no address.
    """

    position: int
    program: str
    accounts: tuple[str, ...]
    signs: tuple[bool, ...]
    data: bytes

    def exactly(self, count: int) -> tuple[str, ...]:
        if len(self.accounts) != count:
            raise Unreadable(f"{len(self.accounts)} accounts instead of {count}")
        return self.accounts

    def between(self, least: int, most: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The first `least` accounts and up to `most - least` optional ones."""
        if not least <= len(self.accounts) <= most:
            raise Unreadable(f"{len(self.accounts)} accounts instead of {least} to {most}")
        return self.accounts[:least], self.accounts[least:]

    def with_signers(self, count: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """`count` accounts, the last of them an authority, and the signers of a multisig authority.

        An authority that signs itself has no such signers: what follows it then is for somebody else.
        """
        fixed, signers = self.accounts[:count], self.accounts[count:]
        if len(fixed) < count or (signers and (self.signs[count - 1] or not all(self.signs[count:]))):
            raise Unreadable(f"{len(self.accounts)} accounts instead of {count} and a multisig's signers")
        return fixed, signers


class Data:
    """Reads instruction data from the front, little endian. Raises Unreadable."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, length: int) -> bytes:
        start, self._at = self._at, self._at + length
        if self._at > len(self._data):
            raise Unreadable("the data ends early")
        return self._data[start : self._at]

    def unsigned(self, width: int) -> int:
        """An integer of `width` bytes."""
        return int.from_bytes(self.take(width), "little")

    def signed64(self) -> int:
        return int.from_bytes(self.take(8), "little", signed=True)

    def key(self) -> str:
        return base58.encode(self.take(32))

    def flag(self) -> bool:
        """The tag byte of an optional value: 0 or 1."""
        value = self.unsigned(1)
        if value > 1:
            raise Unreadable(f"an option's tag is {value}")
        return value == 1

    def optional_key(self) -> str | None:
        return self.key() if self.flag() else None

    def text(self) -> str:
        """bincode's String: length in 8 bytes, then UTF-8."""
        try:
            return self.take(self.unsigned(8)).decode()
        except UnicodeDecodeError:
            raise Unreadable("text is not UTF-8") from None

    def one_of(self, width: int, names: tuple[str, ...]) -> str:
        """The name of an enum value of `width` bytes."""
        value = self.unsigned(width)
        if value >= len(names):
            raise Unreadable(f"{value} is not one of {len(names)} values")
        return names[value]

    def rest(self) -> bytes:
        return self.take(len(self._data) - self._at)

    def end(self) -> None:
        if self._at != len(self._data):
            raise Unreadable(f"{len(self._data) - self._at} bytes behind the data")


Handler = Callable[[Instruction, Data], Effects]
Table = Mapping[int, Handler]


def decode_with(table: Table, width: int, instruction: Instruction) -> Effects:
    """What the table's function for the tag (`width` bytes) reads; what cannot be read is blind."""
    data = Data(instruction.data)
    try:
        handler = table.get(data.unsigned(width))
        if handler is None:
            return unknown_call(instruction, "unknown_instruction", width)
        effects = handler(instruction, data)
        data.end()
    except Unreadable as error:
        return unreadable(instruction, width, str(error))
    return effects


def unknown_call(instruction: Instruction, reason: str, width: int, signature: str | None = None) -> Effects:
    """A call that can do whatever its program does with the accounts it is given."""
    signers = [a for a, signs in zip(instruction.accounts, instruction.signs, strict=True) if signs]
    return [
        effect(
            "contract_call",
            to=instruction.program,
            selector=selector(instruction, width),
            signature=signature,
            blind=True,
            reason=reason,
            signers=signers or None,
        )
    ]


def unreadable(instruction: Instruction, width: int, problem: str) -> Effects:
    """A known program, but not exactly an instruction of it: no rule about calls can make this acceptable."""
    reason = "malformed_instruction"
    return [
        *unknown_call(instruction, reason, width),
        blind(reason, program=instruction.program, position=instruction.position, problem=problem),
    ]


def known_call(instruction: Instruction, width: int, signature: str, **more: object) -> Effects:
    """A call whose whole effect is what its name and `more` say: no value and no authority moves."""
    chosen = selector(instruction, width)
    call = effect("contract_call", to=instruction.program, selector=chosen, signature=signature, blind=False)
    return [call | {name: value for name, value in more.items() if value is not None}]


def selector(instruction: Instruction, width: int) -> str:
    return "0x" + instruction.data[:width].hex()
