"""What an approver signs about one request (docs/spec/statement.md). The body is without label."""

from dataclasses import dataclass
from typing import Final

from quorate.core.errors import QuorateError
from quorate.core.model import canonical, labels
from quorate.core.model.codec import encode, read
from quorate.core.model.members import Members, bad

APPROVE: Final = "approve"
REJECT: Final = "reject"
VERDICTS: Final = (APPROVE, REJECT)
MAX_LIFETIME: Final = 86_400
MAX_ARMOR: Final = 4096


@dataclass(frozen=True, slots=True)
class SignedStatement:
    """The canonical bytes of a statement and the SSHSIG armor over them."""

    body: bytes
    armor: str


@dataclass(frozen=True, slots=True)
class Statement:
    """Times in Unix seconds; `round` counts what one approver says about one request, from 1."""

    cluster: str
    charter: bytes
    intent: bytes
    verdict: str
    approver: str
    round: int
    issued_at: int
    expires_at: int

    def to_bytes(self) -> bytes:
        return encode(self)

    @property
    def hash(self) -> bytes:
        return canonical.digest(labels.STATEMENT, self.to_bytes())

    @classmethod
    def from_bytes(cls, data: bytes) -> "Statement":
        """Raises, beside the codes of the members: statement_lifetime."""
        m = read(data, "statement", cls)
        statement = cls(
            cluster=m.cluster(),
            charter=m.hex("charter", 32),
            intent=m.hex("intent", 32),
            verdict=m.one_of("verdict", VERDICTS),
            approver=m.identifier("approver"),
            round=m.integer("round", 1),
            issued_at=m.integer("issued_at"),
            expires_at=m.integer("expires_at"),
        )
        if not 0 < statement.expires_at - statement.issued_at <= MAX_LIFETIME:
            raise QuorateError(
                "statement_lifetime",
                f"a statement lives up to {MAX_LIFETIME} s and expires after it was issued",
                "caller",
                "sign a new one",
            )
        return statement


def to_json(signed: SignedStatement) -> dict[str, object]:
    """The form in files and on the wire: {"statement": object, "signature": armor}."""
    return {"statement": canonical.decode(signed.body), "signature": signed.armor}


def from_json(value: object, where: str = "") -> SignedStatement:
    """The inverse; white space is free, the canonical body is made here. Raises the codes of members and
    `canonical.encode`; verifies nothing.
    """
    m = Members(value, where or "signed statement", ("statement", "signature"))
    if not isinstance(m.raw("statement"), dict):
        raise bad(m.at("statement"), "an object is expected")
    return SignedStatement(canonical.encode(m.raw("statement")), m.text("signature", longest=MAX_ARMOR))
