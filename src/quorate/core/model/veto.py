"""The veto (docs/spec/veto.md): one administrator cancels a charter version that is not in force yet."""

from dataclasses import dataclass

from quorate.core.errors import QuorateError
from quorate.core.model import canonical, labels
from quorate.core.model.charter import Charter, SignedDocument
from quorate.core.model.codec import encode, read
from quorate.core.model.one_administrator import check_signed_by


@dataclass(frozen=True, slots=True)
class Veto:
    """`charter` is the hash of the version it cancels; `by` the administrator who signed; seconds."""

    cluster: str
    charter: bytes
    by: str
    created_at: int

    def to_bytes(self) -> bytes:
        return encode(self)

    @property
    def hash(self) -> bytes:
        return canonical.digest(labels.VETO, self.to_bytes())

    @classmethod
    def from_bytes(cls, data: bytes) -> "Veto":
        m = read(data, "veto", cls)
        return cls(
            cluster=m.cluster(),
            charter=m.hex("charter", 32),
            by=m.identifier("by"),
            created_at=m.integer("created_at"),
        )


def verify(document: SignedDocument, charter: Charter) -> Veto:
    """The veto, signed by the administrator it names, one of the charter in force, and by nobody else.

    Raises QuorateError: the codes of the form, veto_cluster, veto_signature.
    """
    veto = Veto.from_bytes(document.body)
    if veto.cluster != charter.cluster:
        raise QuorateError("veto_cluster", "the veto is of another cluster")
    check_signed_by(veto.by, document, labels.VETO, charter, "veto_signature")
    return veto
