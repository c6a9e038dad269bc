"""Signatures + unsigned PSBT -> the transaction to broadcast, and its id."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from coincurve import PublicKey, PublicKeyXOnly

from quorate.core.chains.bitcoin import script
from quorate.core.chains.bitcoin.analysis import Analysis, InputView, analyse
from quorate.core.chains.bitcoin.digest import DEFAULT
from quorate.core.chains.bitcoin.hashes import hash160, sha256d
from quorate.core.chains.bitcoin.networks import P2PKH, P2SH_P2WPKH, P2TR, P2WPKH, P2WSH
from quorate.core.chains.bitcoin.transaction import TxIn, compact, sized
from quorate.core.errors import QuorateError

ORDER: Final = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
"""n of secp256k1 (SEC 2)."""


@dataclass(frozen=True, slots=True)
class Signature:
    """64 bytes: r || s of ECDSA, or a BIP340 signature. `public_key` is compressed; BIP340 does not use it.

    BIP340 verifies under the output key, which stands in the script that is spent.
    """

    public_key: bytes
    value: bytes


def attach(data: bytes, signatures: Sequence[Sequence[Signature]]) -> tuple[bytes, str]:
    """The signed transaction (BIP144) and its id as explorers show it.

    `signatures` has the signatures of each input, in the order of inputs: one, or the threshold of a multisig
    in any order. Signatures that the PSBT itself carries are not used.

    Raises QuorateError: the codes of `decode_psbt`; unsignable (an input whose digest cannot be established);
    signature (whose `peer`: wrong count, another key, high s, or it does not verify).
    """
    analysis = analyse(data, None)
    if len(signatures) != len(analysis.inputs):
        raise _bad(f"{len(analysis.inputs)} inputs have signatures, not {len(signatures)}")
    signed = [
        _signed(index, view, given)
        for index, (view, given) in enumerate(zip(analysis.inputs, signatures, strict=True))
    ]
    return _serialise(analysis, signed)


def foretold_txid(data: bytes) -> str | None:
    """The id that the signed transaction will have, as explorers show it. None where it depends on
    signatures, which a P2PKH input carries in its script.

    Raises QuorateError: the codes of `decode_psbt`.
    """
    analysis = analyse(data, None)
    each = zip(analysis.inputs, analysis.psbt.inputs, strict=True)
    scripts = [_script_before_signing(view.kind, given.redeem_script) for view, given in each]
    known = [(script, list[bytes]()) for script in scripts if script is not None]
    return _serialise(analysis, known)[1] if len(known) == len(scripts) else None


def _script_before_signing(kind: str | None, redeem_script: bytes | None) -> bytes | None:
    if kind == P2SH_P2WPKH and redeem_script is not None:
        return sized(redeem_script)
    return b"" if kind in (P2WPKH, P2TR, P2WSH) else None


def _signed(index: int, view: InputView, given: Sequence[Signature]) -> tuple[bytes, list[bytes]]:
    """Input script and witness stack."""
    if view.digest is None or view.spent is None or view.spend is None or view.problems:
        raise QuorateError("unsignable", f"what input {index} signs is not established", "bug")
    if view.kind == P2WSH and view.spend.multisig is not None:
        return b"", [b"", *_multisig(view, view.spend.multisig, given), view.spend.script_code]
    if len(given) != 1:
        raise _bad(f"input {index} takes one signature, not {len(given)}")
    if view.kind == P2TR:
        return b"", [_schnorr(view, view.digest, view.spent.script[2:], given[0].value)]
    key, program = given[0].public_key, hash160(given[0].public_key)
    if view.spend.script_code != script.p2pkh(program):
        raise _bad(f"input {index} is not of the key {key.hex()}")
    ecdsa = _ecdsa(view, view.digest, given[0])
    if view.kind == P2PKH:
        return sized(ecdsa) + sized(key), []
    return sized(script.witness(0, program)) if view.kind == P2SH_P2WPKH else b"", [ecdsa, key]


def _multisig(view: InputView, multisig: script.Multisig, given: Sequence[Signature]) -> list[bytes]:
    """In the order of the keys, as OP_CHECKMULTISIG reads them."""
    by_key = {signature.public_key: signature for signature in given}
    if len(given) != multisig.threshold or len(by_key) != len(given) or by_key.keys() - set(multisig.keys):
        raise _bad(f"{multisig.threshold} signatures of different cosigners are needed")
    return [_ecdsa(view, view.digest or b"", by_key[key]) for key in multisig.keys if key in by_key]


def _ecdsa(view: InputView, digest: bytes, signature: Signature) -> bytes:
    """DER and hash type, s low (BIP66, BIP146)."""
    value = signature.value
    r, s = int.from_bytes(value[:32], "big"), int.from_bytes(value[32:], "big")
    if len(value) != 64 or not 0 < r < ORDER or not 0 < s <= ORDER // 2:
        raise _bad("r or s is out of range, or s is high")
    der = _der(_integer(r) + _integer(s))
    try:
        valid = PublicKey(signature.public_key).verify(der, digest, hasher=None)
    except ValueError:
        valid = False
    if not valid:
        raise _bad(f"the signature is not by {signature.public_key.hex()}")
    return der + bytes([view.sighash])


def _schnorr(view: InputView, digest: bytes, output_key: bytes, value: bytes) -> bytes:
    """The default hash type is not written (BIP341)."""
    try:
        valid = len(value) == 64 and PublicKeyXOnly(output_key).verify(value, digest)
    except ValueError:
        valid = False
    if not valid:
        raise _bad(f"the signature is not by the output key {output_key.hex()}")
    return value if view.sighash == DEFAULT else value + bytes([view.sighash])


def _der(body: bytes) -> bytes:
    return b"\x30" + bytes([len(body)]) + body


def _integer(number: int) -> bytes:
    data = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return b"\x02" + bytes([len(data)]) + data


def _serialise(analysis: Analysis, signed: Sequence[tuple[bytes, list[bytes]]]) -> tuple[bytes, str]:
    tx = analysis.psbt.transaction
    inputs = [_input(i, script_sig) for i, (script_sig, _) in zip(tx.inputs, signed, strict=True)]
    outputs = [output.to_bytes() for output in tx.outputs]
    body = compact(len(inputs)) + b"".join(inputs) + compact(len(outputs)) + b"".join(outputs)
    locktime = tx.locktime.to_bytes(4, "little")
    txid = sha256d(tx.version + body + locktime)[::-1].hex()
    if not any(stack for _, stack in signed):
        return tx.version + body + locktime, txid
    witnesses = b"".join(compact(len(stack)) + b"".join(map(sized, stack)) for _, stack in signed)
    return tx.version + b"\x00\x01" + body + witnesses + locktime, txid


def _input(i: TxIn, script_sig: bytes) -> bytes:
    outpoint = i.outpoint.txid + i.outpoint.vout.to_bytes(4, "little")
    return outpoint + sized(script_sig) + i.sequence.to_bytes(4, "little")


def _bad(message: str) -> QuorateError:
    return QuorateError("signature", message, "peer", "the session that made it is void; sign again")
