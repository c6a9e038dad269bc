"""The parts of a charter version, and look-ups. Built by `parse`, which enforces docs/spec/charter.md."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol, TypeVar

from quorate.core.model import canonical, labels
from quorate.core.model.charter.policy_types import Policy

SECP256K1: Final = "secp256k1"
ED25519: Final = "ed25519"
ENGINES: Final = {SECP256K1: "dkls23-core-0.6.2", ED25519: "frost-ed25519-3"}
REQUESTER: Final = "requester"
VIEWER: Final = "viewer"
DEV: Final = "dev"
PRODUCTION: Final = "production"


@dataclass(frozen=True, slots=True)
class Signer:
    """Keys are raw bytes; `link_certificate` is PEM of exactly one certificate."""

    id: str
    index: int
    vote_key: bytes
    log_key: bytes
    envelope_key: bytes
    link_certificate: str


@dataclass(frozen=True, slots=True)
class Administrator:
    """`ssh_key` is one line: type, base64, perhaps a comment."""

    id: str
    ssh_key: str


@dataclass(frozen=True, slots=True)
class User:
    """An API user; `id` is the `sub` of its tokens."""

    id: str
    name: str
    role: str
    rsa_public_key: str


@dataclass(frozen=True, slots=True)
class Approver:
    """Who approves single requests, by SSH key; never an API user of the same id."""

    id: str
    name: str
    ssh_key: str


@dataclass(frozen=True, slots=True)
class Group:
    """`members`: ids of users and approvers, each once, at least one."""

    id: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeySpec:
    """A root key that exists or may be created by order."""

    id: str
    curve: str
    engine: str


@dataclass(frozen=True, slots=True)
class Chain:
    """`fee_cap`: largest total fee of one transaction, smallest unit of `native_asset`. `chain_id` and
    `nonce_window` are of EVM chains, 0 elsewhere; `network` is what the id says after the family.
    """

    id: str
    family: str
    chain_id: int
    key: str
    coin_type: int
    native_asset: str
    fee_cap: int
    nonce_window: int

    @property
    def network(self) -> str:
        return self.id.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Asset:
    """`contract` is None for the native coin of `chain`. `standard` names the token's program where the
    family has several.
    """

    id: str
    name: str
    chain: str
    contract: str | None
    decimals: int
    standard: str | None = None


@dataclass(frozen=True, slots=True)
class WhitelistEntry:
    id: str
    name: str
    chain: str
    address: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """`hash`: SHA-256 of the description by which the calls of a contract are read."""

    chain: str
    contract: str
    hash: bytes


@dataclass(frozen=True, slots=True)
class RpcSources:
    """Labels of the sources that a signer asks about a chain; each signer's own configuration says where
    they are.
    """

    chain: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RawKeys:
    """The key that signs RAW on a bare derivation path, per scheme."""

    ecdsa_secp256k1: str | None
    ed25519: str | None

    def of(self, scheme: str) -> str | None:
        return {"ecdsa-secp256k1": self.ecdsa_secp256k1, "ed25519": self.ed25519}[scheme]


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


E = TypeVar("E", bound=_HasId)


@dataclass(frozen=True)
class Charter:
    """One version. Look-ups return None for what the charter does not name."""

    body: bytes
    cluster: str
    version: int
    previous: bytes | None
    mode: str
    created_at: int
    threshold: int
    signers: tuple[Signer, ...]
    server_link_certificate: str
    administrators: tuple[Administrator, ...]
    administrator_quorum: int
    users: tuple[User, ...]
    keys: tuple[KeySpec, ...]
    chains: tuple[Chain, ...]
    assets: tuple[Asset, ...]
    whitelist: tuple[WhitelistEntry, ...]
    raw_keys: RawKeys
    policy: Policy
    request_lifetime: int
    skew: int
    approvers: tuple[Approver, ...] = ()
    groups: tuple[Group, ...] = ()
    timelock: int = 0
    """Seconds that a change which loosens the charter waits."""
    annotations: tuple[Annotation, ...] = ()
    rpc_sources: tuple[RpcSources, ...] = ()

    @cached_property
    def hash(self) -> bytes:
        return canonical.digest(labels.CHARTER, self.body)

    @property
    def n(self) -> int:
        return len(self.signers)

    def signer(self, id: str) -> Signer | None:
        return _find(self.signers, id)

    def administrator(self, id: str) -> Administrator | None:
        return _find(self.administrators, id)

    def user(self, id: str) -> User | None:
        return _find(self.users, id)

    def approver(self, id: str) -> Approver | None:
        return _find(self.approvers, id)

    def group(self, id: str) -> Group | None:
        return _find(self.groups, id)

    def key(self, id: str) -> KeySpec | None:
        return _find(self.keys, id)

    def chain(self, id: str) -> Chain | None:
        return _find(self.chains, id)

    def asset(self, id: str) -> Asset | None:
        return _find(self.assets, id)

    def whitelist_entry(self, id: str) -> WhitelistEntry | None:
        return _find(self.whitelist, id)

    def asset_by_contract(self, chain: str, contract: str | None) -> Asset | None:
        """The asset of a token contract (EIP-55), or of the native coin for None."""
        return next((a for a in self.assets if a.chain == chain and a.contract == contract), None)


def _find(entries: Iterable[E], id: str) -> E | None:
    return next((entry for entry in entries if entry.id == id), None)


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """A charter version or an order with the administrators' SSHSIG armors: (administrator id, armor)."""

    body: bytes
    signatures: tuple[tuple[str, str], ...]
