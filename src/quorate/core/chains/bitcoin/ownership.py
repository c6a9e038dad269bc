"""Which outputs are ours, by our own derivation: a claim of the PSBT only says where to look."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from quorate.core.chains import hd
from quorate.core.chains.bitcoin import script
from quorate.core.chains.bitcoin.networks import P2PKH, P2SH_P2WPKH, P2TR, P2WPKH, P2WSH
from quorate.core.chains.bitcoin.psbt import Derivation
from quorate.core.chains.bitcoin.wallet import Account, Policy, Wallet
from quorate.core.errors import QuorateError


@dataclass(frozen=True, slots=True)
class Owned:
    """An output whose script our keys make.

    `path` and `public_key` (33 bytes) are those of the key of ours; for a multisig of which no cosigner is us
    they are the first cosigner's, and `signs` is false.
    """

    kind: str
    path: tuple[int, ...]
    public_key: bytes
    unusual: bool
    signs: bool = True

    @property
    def scheme(self) -> int:
        return hd.BIP340 if self.kind == P2TR else hd.ECDSA


_SINGLE_KEY: Final = (
    (script.is_p2wpkh, P2WPKH),
    (script.is_p2tr, P2TR),
    (script.is_p2sh, P2SH_P2WPKH),
    (script.is_p2pkh, P2PKH),
)


def owned(
    wallet: Wallet, script_pubkey: bytes, witness_script: bytes | None, claims: Sequence[Derivation]
) -> Owned | None:
    """None unless a claimed path, derived here, gives exactly this script."""
    if script.is_p2wsh(script_pubkey):
        return _owned_multisig(wallet, script_pubkey, witness_script, claims)
    kind = next((kind for recognises, kind in _SINGLE_KEY if recognises(script_pubkey)), None)
    account = wallet.accounts.get(kind) if kind is not None else None
    if kind is None or account is None:
        return None
    found = (_owned_single(wallet, kind, account, script_pubkey, claim) for claim in claims)
    return next((own for own in found if own is not None), None)


def _owned_single(
    wallet: Wallet, kind: str, account: Account, script_pubkey: bytes, claim: Derivation
) -> Owned | None:
    place = account.below(claim.fingerprint, claim.path)
    if place is None or len(claim.public_key) != (32 if kind == P2TR else 33):
        return None
    key = _key(account, *place)
    if key is None or key[-len(claim.public_key) :] != claim.public_key:
        return None
    if script.for_key(kind, key) != script_pubkey:
        return None
    return Owned(kind, claim.path, key, wallet.unusual(*place))


def _key(account: Account, change: int, index: int) -> bytes | None:
    try:
        return account.key(change, index)
    except QuorateError:  # an index that has no key owns nothing
        return None


def _owned_multisig(
    wallet: Wallet, script_pubkey: bytes, witness_script: bytes | None, claims: Sequence[Derivation]
) -> Owned | None:
    policy, shown = wallet.policy, script.read_multisig(witness_script or b"")
    if policy is None or witness_script is None or shown is None:
        return None
    place = _place(policy, claims)
    # the script shown must be of the policy's size before sixteen keys are derived for it
    if place is None or (shown.threshold, len(shown.keys)) != (policy.threshold, len(policy.cosigners)):
        return None
    keys = _policy_keys(policy, *place)
    if keys is None or script.multisig(policy.threshold, keys) != witness_script:
        return None
    if script.p2wsh(witness_script) != script_pubkey:
        return None
    own = wallet.own_cosigner
    shown_as = own or policy.cosigners[0]
    key = shown_as.key(*place)
    return Owned(P2WSH, (*shown_as.path, *place), key, wallet.unusual(*place), own is not None)


def _place(policy: Policy, claims: Sequence[Derivation]) -> tuple[int, int] | None:
    """The one `change/index` that all claims about cosigners name."""
    places = {
        place
        for claim in claims
        for cosigner in policy.cosigners
        if (place := cosigner.below(claim.fingerprint, claim.path)) is not None
    }
    return places.pop() if len(places) == 1 else None


def _policy_keys(policy: Policy, change: int, index: int) -> tuple[bytes, ...] | None:
    try:
        return policy.keys(change, index)
    except QuorateError:
        return None
