"""Freezes (docs/spec/freeze.md): one administrator's signature that stops signing at once, and the state of
all of them that signers put into what they sign.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from quorate.core.errors import QuorateError
from quorate.core.model import canonical, labels, members
from quorate.core.model.charter import Charter, SignedDocument
from quorate.core.model.codec import encode, read
from quorate.core.model.intent import Intent
from quorate.core.model.one_administrator import check_signed_by

WORKSPACE: Final = "workspace"
ACCOUNT: Final = "account"
ASSET: Final = "asset"
KEY: Final = "key"
USER: Final = "user"
_SUBJECTS: Final = {
    ACCOUNT: members.account,
    ASSET: members.name_id,
    KEY: members.identifier,
    USER: members.printable,
}
SCOPES: Final = (WORKSPACE, *_SUBJECTS)
MAX_OF_ONE: Final = 64
"""Freezes in force at a time by one administrator."""
_ASSET_PURPOSES: Final = (44, 49, 84, 86)
_ACCOUNT_AT: Final = 2
"""Place of the vault account in a path below those purposes (BIP-44)."""


@dataclass(frozen=True, slots=True)
class Freeze:
    """`subject` is None for the workspace; `by` is the administrator who signed; seconds."""

    cluster: str
    id: str
    scope: str
    subject: str | None
    by: str
    created_at: int

    def to_bytes(self) -> bytes:
        return encode(self)

    @property
    def hash(self) -> bytes:
        return canonical.digest(labels.FREEZE, self.to_bytes())

    @property
    def words(self) -> str:
        """`user payments`, for people."""
        return self.scope if self.subject is None else f"{self.scope} {self.subject}"

    def to_json(self) -> dict[str, object]:
        """As answers show it; of which cluster it is, whoever asks knows."""
        return {
            "id": self.id,
            "scope": self.scope,
            "subject": self.subject,
            "by": self.by,
            "created_at": self.created_at,
        }

    @classmethod
    def from_bytes(cls, data: bytes) -> "Freeze":
        """Raises, beside the codes of the members: freeze_shape."""
        m = read(data, "freeze", cls)
        scope = m.one_of("scope", SCOPES)
        subject = m.raw("subject")
        if not isinstance(subject, str | None):
            raise m.bad("subject", "text or null is expected")
        if (subject is None) != (scope == WORKSPACE):
            raise QuorateError("freeze_shape", "workspace has no subject, every other scope has one")
        return cls(
            cluster=m.cluster(),
            id=m.cluster("id"),
            scope=scope,
            subject=None if subject is None else _SUBJECTS[scope](subject, m.at("subject")),
            by=m.identifier("by"),
            created_at=m.integer("created_at"),
        )

    def stops(self, intent: Intent) -> bool:
        """Whether what the intent wants is frozen."""
        match self.scope:
            case "workspace":
                return True
            case "account":
                return self.subject in _accounts(intent)
            case "asset":
                return intent.asset == self.subject
            case "key":
                return intent.key == self.subject
            case _:
                return intent.user == self.subject


def _accounts(intent: Intent) -> set[str | None]:
    """The source, and the accounts on whose asset paths RAW signs."""
    raw = (message.path for message in intent.messages)
    below = {str(path[_ACCOUNT_AT]) for path in raw if path[0] in _ASSET_PURPOSES and len(path) > _ACCOUNT_AT}
    return {intent.source.vault_account, *below}


def verify(document: SignedDocument, charter: Charter) -> Freeze:
    """The freeze, signed by the administrator it names, one of the charter in force, and by nobody else.

    Raises QuorateError: the codes of the form, freeze_cluster, freeze_signature.
    """
    freeze = Freeze.from_bytes(document.body)
    if freeze.cluster != charter.cluster:
        raise QuorateError("freeze_cluster", "the freeze is of another cluster")
    check_signed_by(freeze.by, document, labels.FREEZE, charter, "freeze_signature")
    return freeze


@dataclass(frozen=True, slots=True)
class FreezeState:
    """What acknowledgements, peer states and votes say of the freezes that a signer knows."""

    count: int = 0
    hash: bytes = hashlib.sha256(b"").digest()


@dataclass(frozen=True, slots=True)
class FreezeSet:
    """Everything a signer knows of freezes. An id goes from unknown to in force to lifted, or at once to
    lifted, and never back: the sets of two signers merge into one in whatever order the documents come.
    """

    in_force: Mapping[str, Freeze] = field(default_factory=dict)
    lifted: frozenset[str] = frozenset()

    @property
    def state(self) -> FreezeState:
        """Each id in force counts once and each lifted one twice; the hash is over the sorted hashes of those
        in force.
        """
        hashes = sorted(freeze.hash for freeze in self.in_force.values())
        count = len(self.in_force) + 2 * len(self.lifted)
        return FreezeState(count, hashlib.sha256(b"".join(hashes)).digest())

    def holds(self, freeze: Freeze) -> bool:
        return self.in_force.get(freeze.id) == freeze

    def add(self, freeze: Freeze) -> "FreezeSet":
        """Raises QuorateError: freeze_lifted, freeze_conflict, freeze_limit."""
        if freeze.id in self.lifted:
            raise QuorateError(
                "freeze_lifted", "this freeze was lifted; it cannot come back", "caller", "sign a new one"
            )
        if freeze.id in self.in_force and not self.holds(freeze):
            raise QuorateError("freeze_conflict", "another freeze has this id", "caller", "sign a new one")
        of_one = sum(known.by == freeze.by for known in self.in_force.values())
        if freeze.id not in self.in_force and of_one >= MAX_OF_ONE:
            raise QuorateError("freeze_limit", f"{MAX_OF_ONE} freezes of {freeze.by} are in force")
        return replace(self, in_force={**self.in_force, freeze.id: freeze})

    def lift(self, ids: Iterable[str]) -> "FreezeSet":
        """Also ids that have not come here yet."""
        lifted = self.lifted | frozenset(ids)
        return FreezeSet({id: f for id, f in self.in_force.items() if id not in lifted}, lifted)

    def stopping(self, intent: Intent) -> Freeze | None:
        """The first freeze in force that stops this intent."""
        return next((freeze for freeze in self.in_force.values() if freeze.stops(intent)), None)

    @property
    def of_signing(self) -> "FreezeSet":
        """Without those of users and assets: what these asked for or move may be taken back."""
        kept = {id: freeze for id, freeze in self.in_force.items() if freeze.scope not in (USER, ASSET)}
        return replace(self, in_force=kept)
