"""What one input's signature is made over: the digests before segwit, of BIP143 and of BIP341 (key path).

All hash types, the unusual ones too: a signer shows what a signature would commit to before it refuses it.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Final

from quorate.core.chains.bitcoin.hashes import sha256, sha256d, tagged_hash
from quorate.core.chains.bitcoin.transaction import Transaction, TxIn, TxOut, compact, sized
from quorate.core.errors import QuorateError

DEFAULT, ALL, NONE, SINGLE, ANYONECANPAY = 0x00, 0x01, 0x02, 0x03, 0x80
ECDSA_TYPES: Final = frozenset({0x01, 0x02, 0x03, 0x81, 0x82, 0x83})
TAPROOT_TYPES: Final = ECDSA_TYPES | {DEFAULT}
_EPOCH: Final = 0
_ZERO: Final = bytes(32)
_BLANK_OUTPUT: Final = b"\xff" * 8 + b"\x00"
"""What stands for the outputs before the one that SINGLE commits to: amount -1, no script."""


class Digests:
    """The digests of one transaction; what its inputs share is hashed once.

    Every method raises QuorateError sighash: a type that does not exist, or SINGLE without an output at the
    place of the input (before segwit that signs the number 1, which is good for every transaction; BIP341
    has no such signature).
    """

    def __init__(self, transaction: Transaction, spent: Sequence[TxOut | None] = ()) -> None:
        """`spent`: the outputs that the inputs spend, in order; only BIP341 hashes them."""
        self._tx = transaction
        self._spent = spent

    def legacy(self, index: int, script_code: bytes, sighash: int) -> bytes:
        """Before segwit. `script_code` is the output script that is spent (without OP_CODESEPARATOR)."""
        _check(sighash, ECDSA_TYPES)
        tx, own = self._tx, self._tx.inputs[index]
        filled = _outpoint(own) + sized(script_code) + own.sequence.to_bytes(4, "little")
        if sighash & ANYONECANPAY:
            inputs = compact(1) + filled
        else:
            others = self._blanked if sighash & 3 == ALL else self._blanked_without_sequences
            inputs = compact(len(tx.inputs)) + others[: 41 * index] + filled + others[41 * index + 41 :]
        tail = self._legacy_outputs(index, sighash) + tx.locktime.to_bytes(4, "little")
        return sha256d(tx.version + inputs + tail + sighash.to_bytes(4, "little"))

    def bip143(self, index: int, script_code: bytes, amount: int, sighash: int) -> bytes:
        """Segwit version 0; `amount` of the spent output in satoshis."""
        _check(sighash, ECDSA_TYPES)
        tx, own, kind = self._tx, self._tx.inputs[index], sighash & 3
        anyone = bool(sighash & ANYONECANPAY)
        outputs = _ZERO
        if kind == ALL:
            outputs = sha256(self._outputs)
        elif kind == SINGLE and index < len(tx.outputs):
            outputs = sha256d(tx.outputs[index].to_bytes())
        return sha256d(
            b"".join(
                (
                    tx.version,
                    _ZERO if anyone else sha256(self._prevouts),
                    _ZERO if anyone or kind != ALL else sha256(self._sequences),
                    _outpoint(own),
                    sized(script_code),
                    amount.to_bytes(8, "little"),
                    own.sequence.to_bytes(4, "little"),
                    outputs,
                    tx.locktime.to_bytes(4, "little"),
                    sighash.to_bytes(4, "little"),
                )
            )
        )

    def bip341(self, index: int, sighash: int) -> bytes:
        """Taproot, key path, no annex.

        Raises QuorateError spent_output where an output that is spent is not known; with ANYONECANPAY that is
        the own one alone.
        """
        _check(sighash, TAPROOT_TYPES)
        tx, own, kind = self._tx, self._tx.inputs[index], sighash & 3
        anyone = bool(sighash & ANYONECANPAY)
        message = bytes([_EPOCH, sighash]) + tx.version + tx.locktime.to_bytes(4, "little")
        if not anyone:
            message += self._prevouts + self._spent_hashes + self._sequences
        if kind in (DEFAULT, ALL):
            message += self._outputs
        message += b"\x00"  # spend type: no script path, no annex
        if anyone:
            message += (
                _outpoint(own) + _known(self._spent[index]).to_bytes() + own.sequence.to_bytes(4, "little")
            )
        else:
            message += index.to_bytes(4, "little")
        if kind == SINGLE:
            message += sha256(self._output_of(index).to_bytes())
        return tagged_hash("TapSighash", message)

    def _legacy_outputs(self, index: int, sighash: int) -> bytes:
        if sighash & 3 == ALL:
            return compact(len(self._tx.outputs)) + self._all_outputs
        if sighash & 3 == NONE:
            return compact(0)
        return compact(index + 1) + _BLANK_OUTPUT * index + self._output_of(index).to_bytes()

    def _output_of(self, index: int) -> TxOut:
        if index >= len(self._tx.outputs):
            raise QuorateError("sighash", f"SINGLE on input {index}, and there is no output {index}")
        return self._tx.outputs[index]

    @cached_property
    def _prevouts(self) -> bytes:
        return sha256(b"".join(_outpoint(i) for i in self._tx.inputs))

    @cached_property
    def _sequences(self) -> bytes:
        return sha256(b"".join(i.sequence.to_bytes(4, "little") for i in self._tx.inputs))

    @cached_property
    def _spent_hashes(self) -> bytes:
        """sha_amounts || sha_scriptpubkeys."""
        spent = [_known(output) for output in self._spent]
        amounts = b"".join(output.amount.to_bytes(8, "little") for output in spent)
        return sha256(amounts) + sha256(b"".join(sized(output.script) for output in spent))

    @cached_property
    def _all_outputs(self) -> bytes:
        return b"".join(output.to_bytes() for output in self._tx.outputs)

    @cached_property
    def _outputs(self) -> bytes:
        return sha256(self._all_outputs)

    @cached_property
    def _blanked(self) -> bytes:
        """All inputs without scripts, 41 bytes each."""
        return b"".join(_outpoint(i) + b"\x00" + i.sequence.to_bytes(4, "little") for i in self._tx.inputs)

    @cached_property
    def _blanked_without_sequences(self) -> bytes:
        return b"".join(_outpoint(i) + bytes(5) for i in self._tx.inputs)


def _known(output: TxOut | None) -> TxOut:
    if output is None:
        raise QuorateError("spent_output", "an output that is spent is not known")
    return output


def _outpoint(i: TxIn) -> bytes:
    return i.outpoint.txid + i.outpoint.vout.to_bytes(4, "little")


def _check(sighash: int, allowed: frozenset[int]) -> None:
    if sighash not in allowed:
        raise QuorateError("sighash", f"hash type {sighash:#04x} does not exist for this kind of script")
