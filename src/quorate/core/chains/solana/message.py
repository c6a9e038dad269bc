"""A strict parser of Solana messages, legacy and version 0: what Ed25519 signs.

It takes only what the runtime's own `sanitize` takes and one encoding of it: shortest compact-u16 lengths, a
consistent header, indexes in range, no address twice, no trailing bytes, no more bytes than a packet carries.
Sources: Solana documentation, "Transactions"; the SDK's `solana-message` (`legacy.rs`, `v0/mod.rs`).
"""

from dataclasses import dataclass
from typing import Final

from quorate.core.chains import base58
from quorate.core.errors import QuorateError

MAX_PACKET: Final = 1232
"""IPv6 minimum MTU 1280 less 48 bytes of headers: the most that a transaction with its signatures has."""
MAX_ACCOUNTS: Final = 256
LEGACY, V0 = "legacy", "0"
_VERSIONED: Final = 0x80
"""Set in the first byte of a versioned message; a legacy message starts with its number of signatures."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """One instruction as the message has it: indexes into the account list, and data."""

    program: int
    accounts: tuple[int, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class Lookup:
    """Accounts that a version 0 message takes from a table on the chain, by their places in it."""

    table: str
    writable: tuple[int, ...]
    readonly: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """The fields as signed. `keys` are the addresses in the message itself, the fee payer first.

    The first `signatures` of `keys` sign, the last `readonly_signed` of those and the last
    `readonly_unsigned` of all are read only.
    """

    version: str
    signatures: int
    readonly_signed: int
    readonly_unsigned: int
    keys: tuple[str, ...]
    blockhash: str
    instructions: tuple[Compiled, ...]
    lookups: tuple[Lookup, ...]

    @property
    def signers(self) -> tuple[str, ...]:
        return self.keys[: self.signatures]

    @property
    def accounts(self) -> int:
        """How many accounts the instructions may name, looked-up ones included."""
        return len(self.keys) + sum(len(lookup.writable) + len(lookup.readonly) for lookup in self.lookups)


def parse(data: bytes) -> Message:
    """The message of exactly these bytes.

    Raises QuorateError: trailing_bytes; malformed_transaction (not canonical, inconsistent, too long, or of
    another version).
    """
    if len(data) > MAX_PACKET:
        raise malformed(f"{len(data)} bytes are more than a packet of {MAX_PACKET} carries")
    reader = _Reader(data)
    version = reader.version()
    header = (reader.byte(), reader.byte(), reader.byte())
    keys = tuple(reader.key() for _ in range(reader.length()))
    blockhash = reader.key()
    instructions = tuple(reader.instruction() for _ in range(reader.length()))
    lookups = tuple(reader.lookup() for _ in range(reader.length())) if version == V0 else ()
    reader.end()
    message = Message(version, *header, keys, blockhash, instructions, lookups)
    _check_header(message, len(data))
    _check_accounts(message)
    _check_instructions(message)
    return message


def malformed(message: str, code: str = "malformed_transaction") -> QuorateError:
    return QuorateError(code, message, "caller", "give the bytes of an unsigned Solana message")


def _check_header(message: Message, size: int) -> None:
    if message.readonly_signed >= message.signatures:
        raise malformed("no signer is writable: nobody pays the fee")
    if message.signatures + message.readonly_unsigned > len(message.keys):
        raise malformed("the header counts more accounts than there are")
    # one byte says how many signatures there are; a packet does not hold 128
    if 1 + 64 * message.signatures + size > MAX_PACKET:
        raise malformed(f"with its signatures it is longer than a packet of {MAX_PACKET} bytes")


def _check_accounts(message: Message) -> None:
    if len(set(message.keys)) != len(message.keys):
        raise malformed("an address is there twice")
    if message.accounts > MAX_ACCOUNTS:
        raise malformed(f"more than {MAX_ACCOUNTS} accounts")
    if len({lookup.table for lookup in message.lookups}) != len(message.lookups):
        raise malformed("a lookup table is there twice")
    for lookup in message.lookups:
        places = lookup.writable + lookup.readonly
        if not places or len(set(places)) != len(places):
            raise malformed(f"nothing, or a place twice, is looked up in {lookup.table}")


def _check_instructions(message: Message) -> None:
    for number, instruction in enumerate(message.instructions):
        # the runtime takes programs from the message only, never from a table, and never the fee payer
        if not message.signatures <= instruction.program < len(message.keys):
            raise malformed(f"the program of instruction {number} is a signer or not in the message")
        if any(index >= message.accounts for index in instruction.accounts):
            raise malformed(f"an account of instruction {number} is not in the message")


class _Reader:
    """Reads from the front; every read is in bounds or raises malformed_transaction."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, length: int) -> bytes:
        start, self._at = self._at, self._at + length
        if self._at > len(self._data):
            raise malformed("the bytes end early")
        return self._data[start : self._at]

    def byte(self) -> int:
        return self.take(1)[0]

    def key(self) -> str:
        return base58.encode(self.take(32))

    def version(self) -> str:
        """Legacy messages have no version byte: nothing is consumed."""
        first = self.byte()
        if first < _VERSIONED:
            self._at = 0
            return LEGACY
        if first != _VERSIONED:
            raise malformed(f"message version {first - _VERSIONED} is not one of legacy, 0")
        return V0

    def length(self) -> int:
        """compact-u16 ("short vec"): 7 bits a byte, least first; only the shortest form, below 2^16."""
        value = 0
        for number in range(3):
            byte = self.byte()
            value |= (byte & 0x7F) << (7 * number)
            if byte < 0x80:
                if byte == 0 and number:
                    raise malformed("a length is not in its shortest form")
                break
        else:
            raise malformed("a length has more than three bytes")
        if value > 0xFFFF:
            raise malformed("a length exceeds 65535")
        return value

    def indexes(self) -> tuple[int, ...]:
        return tuple(self.take(self.length()))

    def instruction(self) -> Compiled:
        return Compiled(self.byte(), self.indexes(), self.take(self.length()))

    def lookup(self) -> Lookup:
        return Lookup(self.key(), self.indexes(), self.indexes())

    def end(self) -> None:
        if self._at != len(self._data):
            raise malformed(f"{len(self._data) - self._at} trailing bytes", "trailing_bytes")
