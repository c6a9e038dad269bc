"""Writes an unsigned PSBT, version 0 (BIP174, BIP371). Part of the builder: no code of the reader is used."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from quorate.core.chains.bitcoin.holding import Holding, KeyOrigin
from quorate.core.chains.bitcoin.networks import P2TR, P2WSH

REPLACEABLE: Final = 0xFFFFFFFD
"""Sequence that signals replace-by-fee (BIP125) and no relative lock (BIP68)."""
_TX_VERSION: Final = 2


@dataclass(frozen=True, slots=True)
class Spent:
    """`txid` in display order; `previous` is the whole previous transaction."""

    txid: str
    vout: int
    amount: int
    holding: Holding
    previous: bytes


@dataclass(frozen=True, slots=True)
class Paid:
    """`holding` is there where the output is ours: change."""

    amount: int
    script: bytes
    holding: Holding | None = None


def write(inputs: Sequence[Spent], outputs: Sequence[Paid], locktime: int) -> bytes:
    maps = [_map([_record(b"\x00", _unsigned(inputs, outputs, locktime))])]
    maps += [_map(_input(spent)) for spent in inputs]
    maps += [_map(_output(paid)) for paid in outputs]
    return b"psbt\xff" + b"".join(maps)


def _unsigned(inputs: Sequence[Spent], outputs: Sequence[Paid], locktime: int) -> bytes:
    return b"".join(
        (
            _le(_TX_VERSION, 4),
            size(len(inputs)),
            *(
                bytes.fromhex(spent.txid)[::-1] + _le(spent.vout, 4) + b"\x00" + _le(REPLACEABLE, 4)
                for spent in inputs
            ),
            size(len(outputs)),
            *(_txout(paid.amount, paid.script) for paid in outputs),
            _le(locktime, 4),
        )
    )


def _input(spent: Spent) -> Iterable[bytes]:
    """The previous transaction of every kind of input: BIP371 leaves it out for taproot, and a signer of
    transfers wants it there too.
    """
    yield _record(b"\x00", spent.previous)
    if spent.holding.segwit:
        yield _record(b"\x01", _txout(spent.amount, spent.holding.script))
    yield from _keys(
        spent.holding, redeem=b"\x04", witness=b"\x05", plain=b"\x06", tap=b"\x16", inner=b"\x17"
    )


def _output(paid: Paid) -> Iterable[bytes]:
    if paid.holding is not None:
        yield from _keys(
            paid.holding, redeem=b"\x00", witness=b"\x01", plain=b"\x02", tap=b"\x07", inner=b"\x05"
        )


def _keys(
    holding: Holding, *, redeem: bytes, witness: bytes, plain: bytes, tap: bytes, inner: bytes
) -> Iterable[bytes]:
    """Scripts and key origins; the arguments are the field numbers, which differ for inputs and outputs."""
    if holding.redeem_script is not None:
        yield _record(redeem, holding.redeem_script)
    if holding.kind == P2WSH and holding.witness_script is not None:
        yield _record(witness, holding.witness_script)
    if holding.kind == P2TR:
        x = holding.keys[0].public_key[1:]
        yield _record(tap + x, b"\x00" + _origin(holding.keys[0]))  # no leaf hashes
        yield _record(inner, x)
        return
    for key in holding.keys:
        yield _record(plain + key.public_key, _origin(key))


def _origin(key: KeyOrigin) -> bytes:
    return key.fingerprint + b"".join(_le(index, 4) for index in key.path)


def _map(records: Iterable[bytes]) -> bytes:
    return b"".join(records) + b"\x00"


def _record(key: bytes, value: bytes) -> bytes:
    return size(len(key)) + key + size(len(value)) + value


def _txout(amount: int, script: bytes) -> bytes:
    return _le(amount, 8) + size(len(script)) + script


def size(number: int) -> bytes:
    """A compact size."""
    if number < 0xFD:
        return _le(number, 1)
    if number <= 0xFFFF:
        return b"\xfd" + _le(number, 2)
    return b"\xfe" + _le(number, 4)


def _le(number: int, length: int) -> bytes:
    return number.to_bytes(length, "little")
