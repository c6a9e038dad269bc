"""A PSBT input by input: what it spends, whether that is proven, whose it is, and what would be signed.

An amount counts as proven where the previous transaction is there and hashes to the id that the input names
(BIP174), or where the input's own taproot signature commits to it together with all others (BIP341, without
ANYONECANPAY). A segwit version 0 signature commits to the amount of its own input alone: two signatures made
over two lies are together a signature of the truth, with a fee that nobody saw.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from quorate.core.chains.bitcoin import psbt, spending
from quorate.core.chains.bitcoin.digest import (
    ALL,
    ANYONECANPAY,
    DEFAULT,
    ECDSA_TYPES,
    SINGLE,
    TAPROOT_TYPES,
    Digests,
)
from quorate.core.chains.bitcoin.networks import P2PKH, P2TR
from quorate.core.chains.bitcoin.ownership import Owned, Recogniser
from quorate.core.chains.bitcoin.transaction import OutPoint, Transaction, TxIn, TxOut, read_previous
from quorate.core.chains.bitcoin.wallet import Wallet
from quorate.core.errors import QuorateError

TXID_DIFFERS: Final = "previous_transaction_is_another"
OUTPUT_MISSING: Final = "previous_transaction_lacks_the_output"
AMOUNT_DIFFERS: Final = "witness_utxo_amount_differs_from_previous_transaction"
SCRIPT_DIFFERS: Final = "witness_utxo_script_differs_from_previous_transaction"
NOT_A_WITNESS_INPUT: Final = "witness_utxo_for_non_witness_input"
SIGHASH_UNKNOWN: Final = "sighash_type_does_not_exist"
SINGLE_WITHOUT_OUTPUT: Final = "sighash_single_without_output"


@dataclass(frozen=True, slots=True)
class InputView:
    """One input. `spent` is what its digest commits to; `proven` the output by its previous transaction.

    `problems` are reasons of `inconsistent`; `digest` is None where there is nothing that could be signed.
    """

    outpoint: OutPoint
    sequence: int
    spent: TxOut | None
    proven: TxOut | None
    spend: spending.Spend | None
    sighash: int
    owned: Owned | None
    problems: tuple[str, ...]
    digest: bytes | None = None

    @property
    def kind(self) -> str | None:
        return self.spend.kind if self.spend else None

    @property
    def amount(self) -> int | None:
        """Satoshis, where they are proven or committed to by the signature of this input."""
        if self.proven is not None:
            return self.proven.amount
        committed = self.kind == P2TR and not self.sighash & ANYONECANPAY
        return self.spent.amount if committed and self.spent else None


@dataclass(frozen=True, slots=True)
class Analysis:
    """`owners` says of each output which key of ours it belongs to, if any."""

    psbt: psbt.Psbt
    inputs: tuple[InputView, ...]
    owners: tuple[Owned | None, ...]


def analyse(data: bytes, wallet: Wallet | None) -> Analysis:
    """Raises QuorateError: the codes of `psbt.read`; malformed_transaction (no inputs or no outputs, too)."""
    parsed = psbt.read(data)
    tx = parsed.transaction
    if not tx.inputs or not tx.outputs:
        raise QuorateError("malformed_transaction", "a transaction has inputs and outputs")
    ours = Recogniser(wallet)
    views = [_view(i, given, ours) for i, given in zip(tx.inputs, parsed.inputs, strict=True)]
    signing = _Signing(tx, views)
    inputs = tuple(signing.view(index, view) for index, view in enumerate(views))
    owners = tuple(
        ours.owned(output.script, given.witness_script, given.derivations)
        for output, given in zip(tx.outputs, parsed.outputs, strict=True)
    )
    return Analysis(parsed, inputs, owners)


def _view(i: TxIn, given: psbt.Input, ours: Recogniser) -> InputView:
    proven, problems = _proven(i.outpoint, given)
    spent = given.witness_utxo or proven
    spend = spending.spend(spent.script, given) if spent else None
    problems += _contradictions(given, proven, spend)
    own = ours.owned(spent.script, given.witness_script, given.derivations) if spent else None
    if own is not None and own.kind == P2TR and given.merkle_root is not None:
        problems += (spending.MERKLE_ROOT_WITHOUT_USE,)
    default = DEFAULT if spend and spend.kind == P2TR else ALL
    sighash = default if given.sighash is None else given.sighash
    return InputView(i.outpoint, i.sequence, spent, proven, spend, sighash, own, problems)


def _proven(outpoint: OutPoint, given: psbt.Input) -> tuple[TxOut | None, tuple[str, ...]]:
    """The spent output by the previous transaction, whose id is computed and not believed."""
    if given.previous is None:
        return None, ()
    previous = read_previous(given.previous)
    if previous.txid != outpoint.txid:
        return None, (TXID_DIFFERS,)
    if outpoint.vout >= len(previous.outputs):
        return None, (OUTPUT_MISSING,)
    return previous.outputs[outpoint.vout], ()


def _contradictions(given: psbt.Input, proven: TxOut | None, spend: spending.Spend | None) -> tuple[str, ...]:
    claimed, problems = given.witness_utxo, []
    if claimed and proven and claimed.amount != proven.amount:
        problems.append(AMOUNT_DIFFERS)
    if claimed and proven and claimed.script != proven.script:
        problems.append(SCRIPT_DIFFERS)
    if claimed and spend and spend.segwit is False:
        problems.append(NOT_A_WITNESS_INPUT)
    if spend and spend.problem:
        problems.append(spend.problem)
    return tuple(problems)


class _Signing:
    """Adds to each input what its signature would be made over."""

    def __init__(self, tx: Transaction, views: Sequence[InputView]) -> None:
        self._digests = Digests(tx, [view.spent for view in views])
        self._outputs = len(tx.outputs)
        self._all_known = all(view.spent is not None for view in views)

    def view(self, index: int, view: InputView) -> InputView:
        if view.kind is None:
            return view
        problem = self._problem(index, view)
        if problem:
            return replace(view, problems=(*view.problems, problem))
        return replace(view, digest=self._digest(index, view))

    def _problem(self, index: int, view: InputView) -> str | None:
        if view.sighash not in (TAPROOT_TYPES if view.kind == P2TR else ECDSA_TYPES):
            return SIGHASH_UNKNOWN
        missing = view.sighash & 3 == SINGLE and index >= self._outputs
        return SINGLE_WITHOUT_OUTPUT if missing else None

    def _digest(self, index: int, view: InputView) -> bytes | None:
        if view.spend is None or view.spent is None:
            return None
        if view.kind == P2TR:
            ready = self._all_known or view.sighash & ANYONECANPAY
            return self._digests.bip341(index, view.sighash) if ready else None
        if view.kind == P2PKH:
            return self._digests.legacy(index, view.spend.script_code, view.sighash)
        return self._digests.bip143(index, view.spend.script_code, view.spent.amount, view.sighash)
