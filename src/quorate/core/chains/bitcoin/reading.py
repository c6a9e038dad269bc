"""A PSBT as a signer judges a transfer.

What goes to others, and what goes to a receiving address of the payer, is a payment. What returns to the
change branch of the paying account is none; there is at most one such output, where a wallet looks for it.
"""

from collections.abc import Iterator

from quorate.core.chains.bitcoin import account, address
from quorate.core.chains.bitcoin.analysis import Analysis, analyse
from quorate.core.chains.bitcoin.decode import AMOUNT_UNPROVEN, decoded, proven_fee
from quorate.core.chains.bitcoin.ownership import Owned
from quorate.core.chains.effects import Decoded
from quorate.core.chains.reading import Reading, Taken, View
from quorate.core.errors import QuorateError
from quorate.core.model.intent import Effect

_PAYMENTS = frozenset({"native_transfer", "change"})
"""Read from the outputs themselves."""
_HARMLESS = frozenset({"fee", "rbf"})
"""The fee is judged against its ceiling. A replacement needs signatures of its own."""


def read(data: bytes, view: View) -> Reading:
    """Every input is of the paying account, of any kind that it holds, and its amount proven by the previous
    transaction: all else is blind.

    A taproot signature commits to the amounts that it was told, and is good for nothing where they are false.
    That keeps the money safe and not the coin: what was released binds it to this request for good.

    Raises QuorateError: too_large (more inputs than a session signs), and the codes of `decode_psbt`.
    """
    network, key = view.chain.network, view.certificate
    wallet = account.wallet(key.public_key, key.chain_code, network, int(view.account))
    analysis = analyse(data, wallet)
    inputs = [view.outpoint for view in analysis.inputs]
    if len(inputs) > account.MAX_INPUTS:
        raise QuorateError(
            "too_large", f"a transfer spends at most {account.MAX_INPUTS} coins, this {len(inputs)}"
        )
    document = decoded(analysis, True, network)
    effects = tuple(_payments(analysis, network))
    others = (*_others(document), *_unusual_change(analysis), *_unusual_version(analysis))
    return Reading(
        effects=effects,
        others=others,
        blind=_blind(document) or _unproven(analysis),
        chain=view.chain.id,
        fee=max(0, proven_fee(analysis) or 0),
        takes=tuple(Taken(each.txid[::-1].hex(), each.vout) for each in inputs),
        cancels=not effects and not others,
    )


def _payments(analysis: Analysis, network: str) -> Iterator[Effect]:
    outputs = analysis.psbt.transaction.outputs
    for output, owner in zip(outputs, analysis.owners, strict=True):
        to = address.from_script(output.script, network)
        if to is not None and not _returns(owner):
            yield Effect("native_transfer", to, output.amount)


def _returns(owner: Owned | None) -> bool:
    return owner is not None and owner.path[-2] != account.RECEIVING


def _unusual_change(analysis: Analysis) -> Iterator[str]:
    """Coins that would be out of sight, and change in more pieces than one."""
    returning = [owner for owner in analysis.owners if owner is not None and _returns(owner)]
    if any(owner.unusual for owner in returning):
        yield "change at an unusual path"
    if len(returning) > 1:
        yield "a second change output"


def _unusual_version(analysis: Analysis) -> Iterator[str]:
    """Versions 1 and 2 have rules that this reader knows (BIP68)."""
    version = int.from_bytes(analysis.psbt.transaction.version, "little")
    if version not in (1, 2):
        yield f"transaction version {version}"


def _others(document: Decoded) -> Iterator[str]:
    """Data, unusual hash types, lock times. `inconsistent` and `blind` are reasons, see `_blind`."""
    known = _PAYMENTS | _HARMLESS | {"inconsistent", "blind"}
    return (str(effect["type"]) for effect in document.effects if effect["type"] not in known)


def _unproven(analysis: Analysis) -> str:
    return AMOUNT_UNPROVEN if any(view.proven is None for view in analysis.inputs) else ""


def _blind(document: Decoded) -> str:
    """The first reason for which the bytes cannot be judged; a contradiction before all else."""
    for kind in ("inconsistent", "blind"):
        for effect in document.effects:
            if effect["type"] == kind:
                return str(effect["reason"])
    return ""
