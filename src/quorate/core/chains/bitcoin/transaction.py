"""Transactions: the unsigned one of a PSBT, and previous ones as the network serialises them (BIP144)."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from quorate.core.chains.bitcoin.hashes import sha256d
from quorate.core.chains.bitcoin.networks import MAX_MONEY
from quorate.core.chains.bitcoin.reader import Reader

MALFORMED: Final = "malformed_transaction"
MAX_UNSIGNED: Final = 100_000
"""Bytes: with a weight above 400,000 nodes do not relay a transaction."""
MAX_INPUTS: Final = 1_000
MAX_OUTPUTS: Final = 3_000
FINAL: Final = 0xFFFFFFFF
_INPUT, _OUTPUT = 41, 9
"""Fewest bytes of each."""
_WIDE: Final = ((0xFD, 2), (0xFE, 4), (0xFF, 8))


class OutPoint(NamedTuple):
    """An output of an earlier transaction. `txid` is in the order of the serialisation, not of displays."""

    txid: bytes
    vout: int

    def __str__(self) -> str:
        return f"{self.txid[::-1].hex()}:{self.vout}"


class TxIn(NamedTuple):
    outpoint: OutPoint
    script_sig: bytes
    sequence: int


class TxOut(NamedTuple):
    """`amount` in satoshis."""

    amount: int
    script: bytes

    def to_bytes(self) -> bytes:
        return self.amount.to_bytes(8, "little") + sized(self.script)


@dataclass(frozen=True, slots=True)
class Transaction:
    """`txid` as in `OutPoint`: the hash of the bytes that were read, without the witnesses."""

    version: bytes
    inputs: tuple[TxIn, ...]
    outputs: tuple[TxOut, ...]
    locktime: int
    txid: bytes


def compact(number: int) -> bytes:
    """A size in its shortest form, below 2^64."""
    if number < 0xFD:
        return bytes([number])
    first, length = next(wide for wide in _WIDE if number >> 8 * wide[1] == 0)
    return bytes([first]) + number.to_bytes(length, "little")


def sized(data: bytes) -> bytes:
    return compact(len(data)) + data


def read_unsigned(data: bytes) -> Transaction:
    """The transaction of a PSBT: without witnesses, every script empty (BIP174).

    Raises QuorateError: too_large, malformed_transaction, trailing_bytes.
    """
    r = Reader(data, MALFORMED)
    if len(data) > MAX_UNSIGNED:
        raise r.refuse(f"a transaction has at most {MAX_UNSIGNED} bytes, this {len(data)}", "too_large")
    version, inputs, outputs = r.take(4), _inputs(r), _outputs(r)
    locktime = r.u32()
    r.end()
    if len(inputs) > MAX_INPUTS or len(outputs) > MAX_OUTPUTS:
        raise r.refuse(f"at most {MAX_INPUTS} inputs and {MAX_OUTPUTS} outputs are read", "too_large")
    if any(i.script_sig for i in inputs):
        raise r.refuse("an input of the unsigned transaction is signed")
    if len({i.outpoint for i in inputs}) != len(inputs):
        raise r.refuse("the same output is spent twice")
    return Transaction(version, inputs, outputs, locktime, sha256d(data))


def read_previous(data: bytes) -> Transaction:
    """A transaction as it was broadcast, with or without witnesses.

    Raises QuorateError: malformed_transaction, trailing_bytes.
    """
    r = Reader(data, MALFORMED)
    version = r.take(4)
    segwit = data[4:6] == b"\x00\x01"
    start = r.at = 6 if segwit else 4
    inputs, outputs = _inputs(r), _outputs(r)
    body = data[start : r.at]
    if segwit and not _witnesses(r, len(inputs)):
        raise r.refuse("a transaction without witnesses is serialised as if it had some")
    locktime = r.take(4)
    r.end()
    if not inputs or not outputs:
        raise r.refuse("a transaction has inputs and outputs")
    txid = sha256d(version + body + locktime)
    return Transaction(version, inputs, outputs, int.from_bytes(locktime, "little"), txid)


def read_output(data: bytes) -> TxOut:
    """Exactly one output: the form of PSBT_IN_WITNESS_UTXO."""
    r = Reader(data, MALFORMED)
    output = _output(r)
    r.end()
    return output


def _inputs(r: Reader) -> tuple[TxIn, ...]:
    return tuple(TxIn(OutPoint(r.take(32), r.u32()), r.sized(), r.u32()) for _ in range(r.count(_INPUT)))


def _outputs(r: Reader) -> tuple[TxOut, ...]:
    outputs = tuple(_output(r) for _ in range(r.count(_OUTPUT)))
    if sum(output.amount for output in outputs) > MAX_MONEY:
        raise r.refuse("the outputs are more than all coins")
    return outputs


def _output(r: Reader) -> TxOut:
    amount = r.u64()
    if amount > MAX_MONEY:
        raise r.refuse(f"an output of {amount} is more than all coins")
    return TxOut(amount, r.sized())


def _witnesses(r: Reader, inputs: int) -> bool:
    """Passes over the witnesses; whether there was any item."""
    items = 0
    for _ in range(inputs):
        count = r.count(1)
        items += count
        for _ in range(count):
            _pass_over(r)
    return items > 0


def _pass_over(r: Reader) -> None:
    """One witness item. A block is full of short ones, and each is looked at."""
    length = r.data[r.at] if r.left > 0 else 0xFF
    r.at += 1 + length if length < 0xFD else 0
    if length >= 0xFD:
        r.take(r.compact())
    elif r.left < 0:
        raise r.refuse("a witness ends too early")
