"""Reading what Solana nodes answer: base58 keys, base64 accounts, and the layouts of those used here."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any, Final

from quorate.core.chains import base58
from quorate.core.chains.answers import U64, integer, listing, mapping, nonsense, text
from quorate.core.errors import QuorateError

TOKEN: Final = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"  # noqa: S105  # an address
TOKEN_2022: Final = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"  # noqa: S105
LOOKUP_TABLE: Final = "AddressLookupTab1e1111111111111111111111111"
LARGEST_ACCOUNT: Final = 64 << 10
"""Bytes of an account that is read here; a full lookup table has 8,248."""
TOKEN_ACCOUNT: Final = 165
"""Bytes of a token account; those of Token-2022 may have extensions behind it."""
TABLE_HEADER: Final = 56
MOST_ADDRESSES: Final = 256


@dataclass(frozen=True, slots=True)
class Blockhash:
    """`hash` in base58; usable up to block height `last_valid_height`. `slot`: when it was read."""

    hash: str
    last_valid_height: int
    slot: int


@dataclass(frozen=True, slots=True)
class TokenAccount:
    """`program` is Token or Token-2022; `amount` in the token's smallest unit."""

    address: str
    program: str
    amount: int
    frozen: bool


@dataclass(frozen=True, slots=True)
class LookupTable:
    """The addresses in order. A table that is being closed is no longer good for long."""

    addresses: tuple[bytes, ...]
    closing: bool


@dataclass(frozen=True, slots=True)
class Account:
    owner: str
    data: bytes


def key(value: object, what: str, length: int = 32) -> str:
    """base58 text of `length` bytes: 32 for keys and hashes, 64 for signatures."""
    found = text(value, what)
    try:
        size = len(base58.decode(found))
    except QuorateError:
        raise nonsense(what, value) from None
    if size != length:
        raise nonsense(what, value)
    return found


def in_context(answer: Any, what: str) -> tuple[int, Any]:
    """Slot and value of an RpcResponse."""
    response = mapping(answer, what)
    slot = integer(mapping(response.get("context"), what).get("slot"), what, high=U64)
    if "value" not in response:
        raise nonsense(what, answer)
    return slot, response["value"]


def account(value: Any, what: str) -> Account:
    fields = mapping(value, what)
    return Account(key(fields.get("owner"), what), content(fields.get("data"), what))


def content(value: Any, what: str) -> bytes:
    """Of an account or a transaction, as `[base64, "base64"]`."""
    data = listing(value, what, 2)
    if len(data) != 2 or data[1] != "base64" or not isinstance(data[0], str):
        raise nonsense(what, data)
    try:
        decoded = base64.b64decode(data[0], validate=True)
    except (binascii.Error, ValueError):
        raise nonsense(what, data) from None
    if len(decoded) > LARGEST_ACCOUNT:
        raise nonsense(what, f"{len(decoded)} bytes")
    return decoded


def token_account(entry: Any, owner: str, mint: str) -> TokenAccount:
    """SPL Token's Account: mint, owner, amount (u64, little-endian); state at byte 108 (1, or 2 frozen)."""
    what = "getTokenAccountsByOwner"
    fields = mapping(entry, what)
    held = account(fields.get("account"), what)
    data = held.data
    if held.owner not in (TOKEN, TOKEN_2022) or len(data) < TOKEN_ACCOUNT:
        raise nonsense(what, f"an account of {held.owner} with {len(data)} bytes")
    if data[:32] != base58.decode(mint) or data[32:64] != base58.decode(owner) or data[108] not in (1, 2):
        raise nonsense(what, "a token account of another mint or owner")
    amount = int.from_bytes(data[64:72], "little")
    return TokenAccount(key(fields.get("pubkey"), what), held.owner, amount, data[108] == 2)


def lookup_table(value: Any) -> LookupTable:
    """ProgramState::LookupTable: type 1 (u32), deactivation slot (u64, all ones: none); keys from byte 56."""
    what = "lookup table"
    table = account(value, what)
    size = len(table.data) - TABLE_HEADER
    if table.owner != LOOKUP_TABLE or size < 0 or size % 32 or size > 32 * MOST_ADDRESSES:
        raise nonsense(what, f"an account of {table.owner} with {len(table.data)} bytes")
    if table.data[:4] != bytes([1, 0, 0, 0]):
        raise nonsense(what, table.data[:4].hex())
    keys = tuple(table.data[at : at + 32] for at in range(TABLE_HEADER, len(table.data), 32))
    return LookupTable(keys, table.data[4:12] != b"\xff" * 8)
