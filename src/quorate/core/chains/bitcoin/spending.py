"""How an input is spent: the kind of its output, what its signature commits to, what contradicts itself."""

from dataclasses import dataclass
from typing import Final

from quorate.core.chains.bitcoin import script
from quorate.core.chains.bitcoin.hashes import hash160
from quorate.core.chains.bitcoin.networks import P2PKH, P2SH_P2WPKH, P2TR, P2WPKH, P2WSH
from quorate.core.chains.bitcoin.psbt import Input

REDEEM_SCRIPT_DIFFERS: Final = "redeem_script_differs"
WITNESS_SCRIPT_DIFFERS: Final = "witness_script_differs"
SCRIPT_WITHOUT_USE: Final = "script_without_use"
MERKLE_ROOT_WITHOUT_USE: Final = "merkle_root_without_use"


@dataclass(frozen=True, slots=True)
class Spend:
    """`kind` is None for scripts that are not signed here; `segwit` is None where that is not known.

    `script_code` is what the digest holds in place of the script; `problem` is a reason of `inconsistent`.
    """

    kind: str | None
    script_code: bytes = b""
    segwit: bool | None = True
    multisig: script.Multisig | None = None
    problem: str | None = None


def spend(output_script: bytes, given: Input) -> Spend:
    """By the output that is spent and the scripts that the PSBT gives with it."""
    if script.is_p2sh(output_script):
        return _script_hash(output_script, given)
    if given.redeem_script is not None:
        return Spend(None, segwit=None, problem=SCRIPT_WITHOUT_USE)
    return _program(output_script, given)


def _script_hash(output_script: bytes, given: Input) -> Spend:
    redeem = given.redeem_script
    if redeem is None:
        return Spend(None, segwit=None)
    if script.p2sh(hash160(redeem)) != output_script:
        return Spend(None, segwit=None, problem=REDEEM_SCRIPT_DIFFERS)
    inner = _program(redeem, given)
    if inner.kind == P2WPKH:
        return Spend(P2SH_P2WPKH, inner.script_code)
    return Spend(None, segwit=script.read_witness(redeem) is not None, problem=inner.problem)


def _program(output_script: bytes, given: Input) -> Spend:
    if script.is_p2wsh(output_script):
        return _witness_script(output_script, given.witness_script)
    if given.witness_script is not None:
        return Spend(None, segwit=None, problem=SCRIPT_WITHOUT_USE)
    if script.is_p2tr(output_script):
        return Spend(P2TR)
    if given.merkle_root is not None:
        return Spend(None, segwit=None, problem=MERKLE_ROOT_WITHOUT_USE)
    if script.is_p2wpkh(output_script):
        return Spend(P2WPKH, script.p2pkh(output_script[2:]))
    if script.is_p2pkh(output_script):
        return Spend(P2PKH, output_script, segwit=False)
    return Spend(None, segwit=script.read_witness(output_script) is not None)


def _witness_script(output_script: bytes, witness_script: bytes | None) -> Spend:
    if witness_script is None:
        return Spend(None)
    if script.p2wsh(witness_script) != output_script:
        return Spend(None, problem=WITNESS_SCRIPT_DIFFERS)
    multisig = script.read_multisig(witness_script)
    return Spend(None) if multisig is None else Spend(P2WSH, witness_script, multisig=multisig)
