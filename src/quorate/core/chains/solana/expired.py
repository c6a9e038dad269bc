"""What a source must answer so that a Solana message is known to have had no effect, and to have none any
more.

A message is executed only by a bank that knows its blockhash, of the last 150 blocks. Once a finalized bank
of a time well after the message was made does not know it, either the finalized chain has the message or it
never will. The signature may be unknown here, and FROST gives another one each time: what was executed is
compared message by message.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from quorate.core.chains import base58
from quorate.core.chains.answers import U64, boolean, integer, listing, mapping, nonsense
from quorate.core.chains.solana.answers import account, content, in_context, key

WAIT_S: Final = 600
"""How long ago the bytes came to be known, by this signer's clock and by the chain's own: ten times what a
blockhash lives. The chain's own is what keeps a halted chain, or a node that is behind, from counting.
"""
MOST: Final = 200
"""Transactions of the fee payer that are looked at; a longer history establishes nothing."""
CLOCK: Final = "SysvarC1ock11111111111111111111111111111111"
_CLOCK_SIZE: Final = 40
_TIME_AT: Final = 32
"""Place of the i64 `unix_timestamp` in the Clock sysvar."""


@dataclass(frozen=True, slots=True)
class ChainTime:
    """A bank's slot, and its time in Unix seconds."""

    slot: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Executed:
    """A transaction that names the account: its first signature in base58, and its block's Unix seconds."""

    signature: str
    slot: int
    seconds: int


def genesis_of(answer: object) -> str:
    return key(answer, "getGenesisHash")


def chain_time(answer: object) -> ChainTime:
    """From the account of the Clock sysvar. All functions here raise QuorateError chain_answer."""
    what = "clock"
    slot, value = in_context(answer, what)
    data = account(value, what).data
    if len(data) != _CLOCK_SIZE:
        raise nonsense(what, f"{len(data)} bytes")
    return ChainTime(slot, int.from_bytes(data[_TIME_AT:], "little", signed=True))


def is_dead(answer: object, slot: int) -> int | None:
    """The slot at which no message with that blockhash could be executed any more; None while one could.
    Not before `slot`.
    """
    at, valid = in_context(answer, "isBlockhashValid")
    if at < slot:
        raise nonsense("isBlockhashValid", f"slot {at} after slot {slot}")
    return None if boolean(valid, "isBlockhashValid") else at


def executed_since(answer: object, since_s: int) -> tuple[Executed, ...] | None:
    """What was executed since that time, from a history that is told newest first. None when it is too long,
    or does not reach further back: a source without it may have forgotten more.
    """
    what = "getSignaturesForAddress"
    found = [_executed(entry, what) for entry in listing(answer, what, MOST + 1)]
    if any(newer.slot < older.slot for newer, older in pairwise(found)):
        raise nonsense(what, "not the newest first")
    if not any(entry.seconds < since_s for entry in found):
        return None
    return tuple(entry for entry in found if entry.seconds >= since_s)


def message_of(answer: object, signature: str) -> bytes:
    """The message that was executed under that signature: behind a count, below 128, and the signatures."""
    what = "getTransaction"
    wire = content(mapping(answer, what).get("transaction"), what)
    count = wire[0] if wire else 0
    if not 0 < count < 128 or wire[1:65] != base58.decode(signature):
        raise nonsense(what, "another transaction")
    return wire[1 + 64 * count :]


def _executed(entry: object, what: str) -> Executed:
    fields: dict[str, Any] = mapping(entry, what)
    slot = integer(fields.get("slot"), what, high=U64)
    return Executed(key(fields.get("signature"), what, 64), slot, integer(fields.get("blockTime"), what))
