"""Which keys are ours: what a decoder needs to know change from payment, and which path signs an input.

A wallet holds public account keys only. Claims of a PSBT about keys are checked by deriving them here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from quorate.core.chains import hd
from quorate.core.chains.bitcoin.hashes import hash160
from quorate.core.chains.bitcoin.networks import PURPOSES
from quorate.core.chains.bitcoin.networks import network as _network
from quorate.core.chains.bitcoin.script import multisig

GAP_LIMIT: Final = 1_000
"""Change above this index is ours, but no wallet would look for it there."""
_CURVE: Final = "secp256k1"


@dataclass(frozen=True, slots=True)
class Account:
    """A public key whose children `change/index` hold coins, and where it lies below the master key.

    `path` may hold hardened indexes (2^31 and above): an account of a key that was split after derivation.
    """

    fingerprint: bytes
    path: tuple[int, ...]
    public_key: bytes
    chain_code: bytes

    def below(self, fingerprint: bytes, path: tuple[int, ...]) -> tuple[int, int] | None:
        """(change, index) of a path exactly two non-hardened steps below this account."""
        change, index = path[-2:] if len(path) == len(self.path) + 2 else (hd.HARDENED, 0)
        ours = fingerprint == self.fingerprint and path[:-2] == self.path
        return (change, index) if ours and max(change, index) < hd.HARDENED else None

    def key(self, change: int, index: int) -> bytes:
        """The compressed public key. Raises QuorateError invalid_child."""
        return hd.child(_CURVE, *_branch(self.public_key, self.chain_code, change), index)[0]


@lru_cache(maxsize=256)
def _branch(public_key: bytes, chain_code: bytes, change: int) -> tuple[bytes, bytes]:
    return hd.child(_CURVE, public_key, chain_code, change)


@dataclass(frozen=True, slots=True)
class Policy:
    """wsh(multi) or wsh(sortedmulti, BIP67): m of these accounts' children at the same `change/index`."""

    threshold: int
    sorted: bool
    cosigners: tuple[Account, ...]

    def script(self, keys: Sequence[bytes | None]) -> bytes | None:
        """The witness script of the cosigners' children, given in their order; None where one has no key."""
        known = [key for key in keys if key is not None]
        if len(known) != len(self.cosigners):
            return None
        return multisig(self.threshold, sorted(known) if self.sorted else known)


@dataclass(frozen=True, slots=True)
class Wallet:
    """Accounts by kind of script (`networks.PURPOSES`), and a multisig policy.

    `fingerprint` is our master key's; of a policy it says which cosigner is us (None: nobody).
    """

    fingerprint: bytes | None
    accounts: Mapping[str, Account]
    policy: Policy | None = None
    gap_limit: int = GAP_LIMIT

    @property
    def own_cosigner(self) -> Account | None:
        cosigners = self.policy.cosigners if self.policy else ()
        return next((c for c in cosigners if c.fingerprint == self.fingerprint), None)

    def unusual(self, change: int, index: int) -> bool:
        """Whether coins at this place would be out of sight."""
        return change > 1 or index >= self.gap_limit


def from_root(public_key: bytes, chain_code: bytes, *, network: str, account: int) -> Wallet:
    """The wallet of one vault account below the root key of a certificate.

    Paths are purpose / coin type / account / change / index, none of them hardened. Other accounts of the
    same root belong to somebody else: what goes there is a payment.

    Raises QuorateError: public_key, chain_code, hardened_index, network.
    """
    fingerprint, coin_type = hash160(public_key)[:4], _network(network).coin_type
    hd.derive(_CURVE, public_key, chain_code, ())
    accounts = {
        kind: _account(fingerprint, public_key, chain_code, (purpose, coin_type, account))
        for kind, purpose in PURPOSES.items()
    }
    return Wallet(fingerprint, accounts)


def _account(fingerprint: bytes, public_key: bytes, chain_code: bytes, path: Sequence[int]) -> Account:
    for index in path:
        public_key, chain_code = hd.child(_CURVE, public_key, chain_code, index)
    return Account(fingerprint, tuple(path), public_key, chain_code)


def path_text(path: Sequence[int]) -> str:
    """m/84h/0h/0h/1/4: hardened steps with h."""
    steps = (f"{i - hd.HARDENED}h" if i >= hd.HARDENED else str(i) for i in path)
    return "/".join(("m", *steps))
