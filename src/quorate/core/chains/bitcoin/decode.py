"""PSBT -> what it does, in the vocabulary of `effects`.

Amounts are satoshis; the asset is BTC on every network. What is contradictory in itself is an effect of type
`inconsistent`, what cannot be established is `blind`; both name the inputs or the output, and a signer signs
neither. Reasons of `inconsistent` are the constants of `analysis` and `spending`, and OUTPUTS_EXCEED.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from quorate.core.chains.bitcoin import address, script
from quorate.core.chains.bitcoin.analysis import Analysis, InputView, analyse
from quorate.core.chains.bitcoin.digest import ALL, ANYONECANPAY, DEFAULT, SINGLE
from quorate.core.chains.bitcoin.networks import P2TR
from quorate.core.chains.bitcoin.networks import network as _network
from quorate.core.chains.bitcoin.ownership import Owned
from quorate.core.chains.bitcoin.transaction import FINAL, TxOut
from quorate.core.chains.bitcoin.wallet import Wallet, path_text
from quorate.core.chains.effects import Decoded, Digest, Effect, blind, effect

FORMAT: Final = "bitcoin-psbt"
ASSET: Final = "BTC"

AMOUNT_UNPROVEN: Final = "input_amount_unproven"
NOT_OURS: Final = "input_not_ours"
INPUT_UNSUPPORTED: Final = "input_script_unsupported"
OUTPUT_UNSUPPORTED: Final = "output_script_unsupported"
DATA_UNSUPPORTED: Final = "data_output_unsupported"
DATA_WITH_AMOUNT: Final = "data_output_with_amount"
OUTPUTS_EXCEED: Final = "outputs_exceed_inputs"

_NAMES: Final = {0: "DEFAULT", 1: "ALL", 2: "NONE", 3: "SINGLE"}
_RELATIVE_DISABLED: Final = 1 << 31
"""BIP68: sequences from here on are no relative lock."""


def decode_psbt(data: bytes, wallet: Wallet | None, network: str) -> Decoded:
    """What the bytes do. Without a wallet nothing is change, and nothing is said about whose the inputs are.

    Raises QuorateError: too_large, malformed_psbt, duplicate_key, psbt_version, trailing_bytes,
    malformed_transaction, network.
    """
    _network(network)
    return decoded(analyse(data, wallet), wallet is not None, network)


def decoded(analysis: Analysis, with_wallet: bool, network: str) -> Decoded:
    effects = (
        *_outputs(analysis, network),
        _fee(analysis),
        *_sighashes(analysis.inputs),
        *_times(analysis),
        *_inconsistent(analysis),
        *_blind_inputs(analysis.inputs, with_wallet),
    )
    return Decoded(FORMAT, {"family": "bitcoin", "network": network}, effects, _digests(analysis.inputs))


def _outputs(analysis: Analysis, network: str) -> Iterator[Effect]:
    outputs = analysis.psbt.transaction.outputs
    for index, (output, owner) in enumerate(zip(outputs, analysis.owners, strict=True)):
        yield from _output(index, output, owner, network)


def _output(index: int, output: TxOut, owner: Owned | None, network: str) -> Iterator[Effect]:
    to, amount = address.from_script(output.script, network), str(output.amount)
    if to is not None and owner is not None:
        unusual = True if owner.unusual else None
        path = path_text(owner.path)
        yield effect("change", asset=ASSET, to=to, amount=amount, path=path, unusual_path=unusual)
    elif to is not None:
        yield effect("native_transfer", asset=ASSET, to=to, amount=amount)
    elif output.script[:1] == bytes([script.OP_RETURN]):
        yield from _data(index, output)
    else:
        yield blind(OUTPUT_UNSUPPORTED, output=index, script=output.script.hex(), amount=amount)


def _data(index: int, output: TxOut) -> Iterator[Effect]:
    """OP_RETURN: bytes that nobody can spend. Coins sent there are destroyed."""
    data = script.read_data(output.script)
    if data is None:
        yield blind(DATA_UNSUPPORTED, output=index, script=output.script.hex(), amount=str(output.amount))
        return
    yield effect("data", hex=data.hex())
    if output.amount:
        yield blind(DATA_WITH_AMOUNT, output=index, amount=str(output.amount))


def _fee(analysis: Analysis) -> Effect:
    """Inputs minus outputs. An amount that is not proven gives a claim and no fee."""
    fee = proven_fee(analysis)
    if fee is not None:
        return effect("fee", asset=ASSET, amount=str(fee) if fee >= 0 else None)
    claimed = [view.proven or view.spent for view in analysis.inputs]
    known = [output.amount for output in claimed if output is not None]
    claim = sum(known) - paid(analysis)
    told = len(known) == len(claimed) and claim >= 0
    return effect("fee", asset=ASSET, claimed_amount=str(claim) if told else None, unproven=True)


def proven_fee(analysis: Analysis) -> int | None:
    """Satoshis, negative where the outputs are more than the inputs; None unless every amount is proven."""
    amounts = [view.amount for view in analysis.inputs]
    known = [amount for amount in amounts if amount is not None]
    return sum(known) - paid(analysis) if len(known) == len(amounts) else None


def paid(analysis: Analysis) -> int:
    return sum(output.amount for output in analysis.psbt.transaction.outputs)


def _sighashes(inputs: Sequence[InputView]) -> Iterator[Effect]:
    for index, view in enumerate(inputs):
        if view.digest is not None and view.sighash != (DEFAULT if view.kind == P2TR else ALL):
            kind, anyone = view.sighash & 3, bool(view.sighash & ANYONECANPAY)
            name = _NAMES[kind] + ("|ANYONECANPAY" if anyone else "")
            yield effect(
                "sighash",
                input=index,
                sighash_type=f"{view.sighash:#04x}",
                name=name,
                meaning=_meaning(kind, anyone, index),
            )


def _meaning(kind: int, anyone: bool, index: int) -> str:
    if kind in (DEFAULT, ALL):
        return "other inputs may be added" if anyone else "everything is committed, as by default"
    if kind == SINGLE:
        return (
            f"only {'this input and ' if anyone else ''}output {index} {'are' if anyone else 'is'} committed"
        )
    return "only this input is committed, no output" if anyone else "no output is committed"


def _times(analysis: Analysis) -> Iterator[Effect]:
    """Whether it can be replaced (BIP125), and before when it is not valid (nLockTime, BIP68)."""
    tx = analysis.psbt.transaction
    sequences = [i.sequence for i in tx.inputs]
    yield effect("rbf", signalled=any(sequence < FINAL - 1 for sequence in sequences))
    if tx.locktime:
        off = all(sequence == FINAL for sequence in sequences)
        yield effect("locktime", value=str(tx.locktime), enforced=False if off else None)
    if int.from_bytes(tx.version, "little") >= 2:
        for index, sequence in enumerate(sequences):
            if 0 < sequence < _RELATIVE_DISABLED:
                yield effect("locktime", value=str(sequence), relative=True, input=index)


def _inconsistent(analysis: Analysis) -> Iterator[Effect]:
    reasons: dict[str, list[int]] = {}
    for index, view in enumerate(analysis.inputs):
        for problem in view.problems:
            reasons.setdefault(problem, []).append(index)
    for reason, inputs in reasons.items():
        yield effect("inconsistent", reason=reason, inputs=inputs)
    fee = proven_fee(analysis)
    if fee is not None and fee < 0:
        yield effect("inconsistent", reason=OUTPUTS_EXCEED)


def _blind_inputs(inputs: Sequence[InputView], with_wallet: bool) -> Iterator[Effect]:
    found: dict[str, list[int]] = {AMOUNT_UNPROVEN: [], INPUT_UNSUPPORTED: [], NOT_OURS: []}
    for index, view in enumerate(inputs):
        if view.amount is None:
            found[AMOUNT_UNPROVEN].append(index)
        if view.spend is not None and view.kind is None:
            found[INPUT_UNSUPPORTED].append(index)
        if with_wallet and view.kind is not None and view.owned is None:
            found[NOT_OURS].append(index)
    yield from (blind(reason, inputs=indexes) for reason, indexes in found.items() if indexes)


def _digests(inputs: Sequence[InputView]) -> tuple[Digest, ...]:
    return tuple(
        Digest(
            "tagged-sha256" if view.kind == P2TR else "sha256d",
            "0x" + view.digest.hex(),
            {"input": index, "script": view.kind, "sighash_type": f"{view.sighash:#04x}"},
        )
        for index, view in enumerate(inputs)
        if view.digest is not None
    )
