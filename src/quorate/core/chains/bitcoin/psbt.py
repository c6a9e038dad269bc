"""A strict reader of partially signed transactions, version 0 (BIP174, with the taproot fields of BIP371).

Version 2 is refused whole (`psbt_version`): a signer that reads half of it would see another transaction.
Global extended keys, proprietary and unknown fields are kept as bytes and trusted for nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from quorate.core.chains.bitcoin import psbt_fields as fields
from quorate.core.chains.bitcoin.reader import Reader
from quorate.core.chains.bitcoin.transaction import Transaction, TxOut, read_output, read_unsigned
from quorate.core.errors import QuorateError

MAGIC: Final = b"psbt\xff"
MAX_PSBT: Final = 1 << 20
"""Largest PSBT, bytes, previous transactions included."""

Key = tuple[int, bytes]
Map = Mapping[Key, bytes]
"""(field, key data) -> value."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """What the PSBT claims about a key (32 bytes: x-only): the master key's fingerprint and the path."""

    public_key: bytes
    fingerprint: bytes
    path: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Input:
    """The fields of an input that have a meaning here; all of them are in `map`."""

    previous: bytes | None
    witness_utxo: TxOut | None
    sighash: int | None
    redeem_script: bytes | None
    witness_script: bytes | None
    merkle_root: bytes | None
    derivations: tuple[Derivation, ...]
    map: Map


@dataclass(frozen=True, slots=True)
class Output:
    redeem_script: bytes | None
    witness_script: bytes | None
    derivations: tuple[Derivation, ...]
    map: Map


@dataclass(frozen=True, slots=True)
class Psbt:
    transaction: Transaction
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    map: Map


def read(data: bytes) -> Psbt:
    """Exactly one PSBT of version 0 (not base64).

    Raises QuorateError: too_large, malformed_psbt, duplicate_key, psbt_version, trailing_bytes,
    malformed_transaction (the unsigned transaction, or an output that is spent).
    """
    if len(data) > MAX_PSBT:
        raise QuorateError("too_large", f"a PSBT has at most {MAX_PSBT} bytes, this {len(data)}")
    r = Reader(data, fields.MALFORMED)
    if data[: len(MAGIC)] != MAGIC:
        raise r.refuse("the bytes do not begin as a PSBT does")
    r.at = len(MAGIC)
    top = _map(r, "global")
    transaction = _transaction(r, top)
    inputs = tuple(_input(_map(r, "input")) for _ in transaction.inputs)
    outputs = tuple(_output(_map(r, "output")) for _ in transaction.outputs)
    r.end()
    return Psbt(transaction, inputs, outputs, top)


def _transaction(r: Reader, top: Map) -> Transaction:
    version = int.from_bytes(top.get((fields.VERSION, b""), b""), "little")
    if version:
        raise _version(f"version {version} of PSBTs")
    data = top.get((fields.UNSIGNED_TX, b""))
    if data is None:
        raise r.refuse("the unsigned transaction is missing")
    return read_unsigned(data)


def _map(r: Reader, place: str) -> Map:
    """One map, up to its separator: keys occur once and have the form of their field (BIP174, BIP371)."""
    found: dict[Key, bytes] = {}
    while key := r.sized():
        entry = _entry(r, key)
        if entry in found:
            raise r.refuse(f"a key of type {entry[0]:#04x} occurs twice in one map", "duplicate_key")
        found[entry] = value = r.sized()
        _check(r, place, entry, value)
    return found


def _entry(r: Reader, key: bytes) -> Key:
    if key[0] < 0xFD:
        return key[0], key[1:]
    k = Reader(key, r.code)
    return k.compact(), key[k.at :]


def _check(r: Reader, place: str, key: Key, value: bytes) -> None:
    if key[0] in fields.VERSION_2_ONLY[place]:
        raise _version(f"field {key[0]:#04x} of an {place} map (BIP370)")
    field = fields.TABLES[place].get(key[0])
    if field is not None and not (field.key(key[1]) and field.value(value)):
        raise r.refuse(f"{field.name} does not have the form that the BIP gives it")


def _input(map: Map) -> Input:
    utxo, sighash = map.get((fields.WITNESS_UTXO, b"")), map.get((fields.SIGHASH, b""))
    return Input(
        previous=map.get((fields.PREVIOUS_TX, b"")),
        witness_utxo=None if utxo is None else read_output(utxo),
        sighash=None if sighash is None else int.from_bytes(sighash, "little"),
        redeem_script=map.get((fields.REDEEM_SCRIPT, b"")),
        witness_script=map.get((fields.WITNESS_SCRIPT, b"")),
        merkle_root=map.get((fields.TAP_MERKLE_ROOT, b"")),
        derivations=_derivations(map, fields.DERIVATION, fields.TAP_DERIVATION),
        map=map,
    )


def _output(map: Map) -> Output:
    return Output(
        redeem_script=map.get((0x00, b"")),
        witness_script=map.get((0x01, b"")),
        derivations=_derivations(map, fields.OUT_DERIVATION, fields.OUT_TAP_DERIVATION),
        map=map,
    )


def _derivations(map: Map, plain: int, tap: int) -> tuple[Derivation, ...]:
    return tuple(
        _derivation(key, value if type == plain else fields.tap_origin(value))
        for (type, key), value in map.items()
        if type in (plain, tap)
    )


def _derivation(public_key: bytes, origin: bytes) -> Derivation:
    indexes = (origin[at : at + 4] for at in range(4, len(origin), 4))
    return Derivation(public_key, origin[:4], tuple(int.from_bytes(i, "little") for i in indexes))


def _version(what: str) -> QuorateError:
    return QuorateError("psbt_version", f"{what} is not read here", "caller", "make a PSBT of version 0")
