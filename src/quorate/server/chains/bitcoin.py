"""What both Bitcoin clients share. Transaction ids are bytes in the order in which explorers show them."""

import re
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Final

from quorate.core.chains.answers import nonsense
from quorate.core.errors import QuorateError

COIN: Final = 100_000_000
MAX_MONEY: Final = 21_000_000 * COIN
MAX_HEIGHT: Final = (1 << 31) - 1
MAX_VOUT: Final = (1 << 32) - 1
MAX_UTXOS: Final = 10_000
MAX_TRANSACTION: Final = 4_000_000
"""Bytes: a block's weight limit."""
TARGET: Final = 6
"""Blocks within which a transaction with the hinted fee should be mined."""
LEAST_FEE: Final = 1_000
"""sat per 1000 virtual bytes: the default relay minimum, and the hint where a source has no estimate."""
MOST_FEE: Final = 100_000_000
"""A source that wants more (100,000 sat/vB) is mistaken or lies."""
_ADDRESS: Final = re.compile(r"[0-9A-Za-z]{14,90}")


@dataclass(frozen=True, slots=True)
class Utxo:
    """An unspent output of an address that was asked for. `amount` in satoshi; `height` is None while its
    transaction is not mined.
    """

    address: str
    txid: bytes
    vout: int
    amount: int
    height: int | None


def distinct(utxos: list[Utxo], what: str) -> tuple[Utxo, ...]:
    """Raises QuorateError chain_answer when an output is there twice."""
    if len({(utxo.txid, utxo.vout) for utxo in utxos}) != len(utxos):
        raise nonsense(what, "an output that is there twice")
    return tuple(utxos)


def plain_address(address: str) -> str:
    """An address as part of a URL or descriptor. Raises QuorateError address."""
    if not _ADDRESS.fullmatch(address):
        raise QuorateError("address", f"{address[:64]} is no Bitcoin address", "bug")
    return address


def no_token(token: str | None) -> None:
    if token is not None:
        raise QuorateError("unknown_token", f"Bitcoin has no token {token[:64]}", "bug")


def fee_rate(value: object, unit: int, what: str) -> int:
    """sat per 1000 virtual bytes, rounded up; `unit` is how many of those one of the source's units is.

    Raises QuorateError chain_answer for anything but a number in 0..100,000 sat/vB; at least the relay
    minimum is returned.
    """
    rate = _number(value, what) * unit
    if not 0 <= rate <= MOST_FEE:
        raise nonsense(what, value)
    return max(LEAST_FEE, ceil(rate))


def satoshi(value: object, what: str) -> int:
    """Of an amount in bitcoin. Raises QuorateError chain_answer when it is no whole number of satoshi."""
    amount = _number(value, what) * COIN
    if amount != int(amount) or not 0 <= amount <= MAX_MONEY:
        raise nonsense(what, value)
    return int(amount)


def _number(value: object, what: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise nonsense(what, value)
    number = Decimal(value)
    if number and abs(number.adjusted()) > 32:  # 1e999999 would be a million digits
        raise nonsense(what, value)
    return number
