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

MAX_KEYS: Final = 4_000
"""Child keys and output keys computed for one PSBT: more than it has of ours, and a bound on false claims."""


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


class Recogniser:
    """Knows the outputs of a wallet, for one PSBT. Without a wallet nothing is ours."""

    def __init__(self, wallet: Wallet | None) -> None:
        self._wallet = wallet or Wallet(None, {})
        self._left = MAX_KEYS

    def owned(
        self, script_pubkey: bytes, witness_script: bytes | None, claims: Sequence[Derivation]
    ) -> Owned | None:
        """None unless a claimed path, derived here, gives exactly this script.

        Raises QuorateError too_large: claims that would take more than MAX_KEYS to check.
        """
        if script.is_p2wsh(script_pubkey):
            return self._multisig(script_pubkey, witness_script or b"", claims)
        kind = next((kind for recognises, kind in _SINGLE_KEY if recognises(script_pubkey)), None)
        account = self._wallet.accounts.get(kind) if kind is not None else None
        if kind is None or account is None:
            return None
        found = (self._single(kind, account, script_pubkey, claim) for claim in claims)
        return next((own for own in found if own is not None), None)

    def _single(self, kind: str, account: Account, script_pubkey: bytes, claim: Derivation) -> Owned | None:
        place = account.below(claim.fingerprint, claim.path)
        # the claimed key must make the script before its derivation is worth the work
        if place is None or not self._makes(kind, claim.public_key, script_pubkey):
            return None
        key = self._derive(account, place)
        if key is None or key[-len(claim.public_key) :] != claim.public_key:
            return None
        return Owned(kind, claim.path, key, self._wallet.unusual(*place))

    def _multisig(
        self, script_pubkey: bytes, witness_script: bytes, claims: Sequence[Derivation]
    ) -> Owned | None:
        policy, shown = self._wallet.policy, script.read_multisig(witness_script)
        if policy is None or shown is None or script.p2wsh(witness_script) != script_pubkey:
            return None
        place = _place(policy, claims)
        if place is None or (shown.threshold, len(shown.keys)) != (policy.threshold, len(policy.cosigners)):
            return None
        keys = [self._derive(cosigner, place) for cosigner in policy.cosigners]
        if policy.script(keys) != witness_script:
            return None
        own = self._wallet.own_cosigner
        shown_as = policy.cosigners.index(own) if own else 0
        path = (*policy.cosigners[shown_as].path, *place)
        return Owned(P2WSH, path, keys[shown_as] or b"", self._wallet.unusual(*place), own is not None)

    def _makes(self, kind: str, public_key: bytes, script_pubkey: bytes) -> bool:
        if len(public_key) != (32 if kind == P2TR else 33):
            return False
        if kind == P2TR:
            self._count()
        try:
            return script.for_key(kind, public_key) == script_pubkey
        except QuorateError:  # not a key
            return False

    def _derive(self, account: Account, place: tuple[int, int]) -> bytes | None:
        """None for an index that has no key (BIP32): it owns nothing."""
        self._count()
        try:
            return account.key(*place)
        except QuorateError:
            return None

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise QuorateError("too_large", f"more than {MAX_KEYS} keys would have to be derived")


def _place(policy: Policy, claims: Sequence[Derivation]) -> tuple[int, int] | None:
    """The one `change/index` that all claims about cosigners name."""
    places = {
        place
        for claim in claims
        for cosigner in policy.cosigners
        if (place := cosigner.below(claim.fingerprint, claim.path)) is not None
    }
    return places.pop() if len(places) == 1 else None
