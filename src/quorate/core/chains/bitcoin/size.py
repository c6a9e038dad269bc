"""How heavy the signed transaction can become (BIP141), as a signer estimates it from what it decoded."""

from collections.abc import Sequence
from typing import Final

from quorate.core.chains.bitcoin.analysis import InputView
from quorate.core.chains.bitcoin.digest import DEFAULT
from quorate.core.chains.bitcoin.networks import P2PKH, P2SH_P2WPKH, P2TR, P2WPKH
from quorate.core.chains.bitcoin.transaction import Transaction, compact

_ECDSA: Final = 1 + 72
"""Length byte, DER with a low s (at most 71 bytes), hash type."""
_KEY: Final = 1 + 33
_MARKER: Final = 2


def largest_weight(tx: Transaction, inputs: Sequence[InputView]) -> int:
    """Weight units with the longest signatures; inputs that are not signed here count without signatures."""
    signed = [_signed(view) for view in inputs]
    size = 8 + len(compact(len(tx.inputs))) + len(compact(len(tx.outputs)))
    size += 41 * len(tx.inputs) + sum(script_sig for script_sig, _ in signed)
    size += sum(len(output.to_bytes()) for output in tx.outputs)
    witnesses = _MARKER + sum(max(1, witness) for _, witness in signed)  # an empty one is a zero count
    return 4 * size + (witnesses if any(witness for _, witness in signed) else 0)


def _signed(view: InputView) -> tuple[int, int]:
    """Bytes of the input script (its length byte is counted with the input) and of the witness."""
    if view.kind == P2PKH:
        return _ECDSA + _KEY, 0
    if view.kind in (P2WPKH, P2SH_P2WPKH):
        return (23 if view.kind == P2SH_P2WPKH else 0), 1 + _ECDSA + _KEY
    if view.kind == P2TR:
        return 0, 1 + 1 + 64 + (view.sighash != DEFAULT)
    if view.spend is None or view.spend.multisig is None:
        return 0, 0
    code = view.spend.script_code
    return 0, 1 + 1 + view.spend.multisig.threshold * _ECDSA + len(compact(len(code))) + len(code)
