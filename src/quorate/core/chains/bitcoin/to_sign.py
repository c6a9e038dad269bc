"""What a signer signs for a transaction, input by input: the judge checks it, the keeper signs it.

Only for transactions of which everything is established. What is blind, inconsistent or of an unusual hash
type has effects to show and nothing to sign.
"""

from dataclasses import dataclass

from quorate.core.chains.bitcoin.analysis import InputView, analyse
from quorate.core.chains.bitcoin.decode import decoded, proven_fee
from quorate.core.chains.bitcoin.networks import P2TR
from quorate.core.chains.bitcoin.networks import network as _network
from quorate.core.chains.bitcoin.script import tap_output
from quorate.core.chains.bitcoin.size import largest_weight
from quorate.core.chains.bitcoin.wallet import Wallet, path_text
from quorate.core.chains.effects import Decoded
from quorate.core.errors import QuorateError


@dataclass(frozen=True, slots=True)
class InputToSign:
    """One signature. `scheme` as in docs/spec/vote.md: 0 ECDSA, 2 BIP340.

    `outpoint` is the display text txid:vout, `amount` is in satoshis, `public_key` the compressed child key
    at `path`. For scheme 2 the signature is made with the child key, even-Y, plus `tap_tweak` (BIP86: a key
    without scripts), and verifies under the x-only `output_key`; both are None for scheme 0.
    """

    index: int
    outpoint: str
    amount: int
    path: tuple[int, ...]
    scheme: int
    public_key: bytes
    digest: bytes
    tap_tweak: bytes | None
    output_key: bytes | None


@dataclass(frozen=True, slots=True)
class ToSign:
    """`fee` in satoshis; `weight` is the largest that the signed transaction can have."""

    inputs: tuple[InputToSign, ...]
    fee: int
    weight: int
    decoded: Decoded

    @property
    def fee_rate(self) -> int:
        """Satoshis for 1,000 virtual bytes, at least: signatures may come out a byte or two shorter."""
        return self.fee * 4_000 // self.weight


def to_sign(data: bytes, wallet: Wallet, network: str) -> ToSign:
    """The signatures that complete the transaction; there is one for every input.

    Raises QuorateError: the codes of `decode_psbt`; blind, inconsistent, sighash_flags; not_a_cosigner (a
    multisig input of a policy in which no key is ours).
    """
    _network(network)
    analysis = analyse(data, wallet)
    document = decoded(analysis, True, network)
    _check(document)
    fee = proven_fee(analysis)
    if fee is None:
        raise QuorateError("blind", "an input's amount is not proven", "bug")
    inputs = tuple(_input(index, view) for index, view in enumerate(analysis.inputs))
    return ToSign(inputs, fee, largest_weight(analysis.psbt.transaction, analysis.inputs), document)


def _check(document: Decoded) -> None:
    for effect in document.effects:
        if effect["type"] in ("blind", "inconsistent"):
            raise QuorateError(
                str(effect["type"]), f"there is nothing to sign: {effect['reason']}", "caller", "decode it"
            )
        if effect["type"] == "sighash":
            raise QuorateError(
                "sighash_flags",
                f"input {effect['input']} asks for {effect['name']}: {effect['meaning']}",
                "caller",
                "ask for the default hash type",
            )


def _input(index: int, view: InputView) -> InputToSign:
    own = view.owned
    if own is None or view.digest is None or view.amount is None:
        raise QuorateError("blind", f"input {index} is not established", "bug")
    if not own.signs:
        raise QuorateError("not_a_cosigner", f"no key of ours signs input {index} ({path_text(own.path)})")
    tweak, output_key = tap_output(own.public_key) if own.kind == P2TR else (None, None)
    return InputToSign(
        index=index,
        outpoint=str(view.outpoint),
        amount=view.amount,
        path=own.path,
        scheme=own.scheme,
        public_key=own.public_key,
        digest=view.digest,
        tap_tweak=tweak,
        output_key=output_key,
    )
