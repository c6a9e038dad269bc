"""Signed JSON records: admission, acknowledgement, peer state, order, key certificate (docs/spec). Bodies are without label."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from quorate.core.errors import QuorateError
from quorate.core.evidence import keys
from quorate.core.model import canonical, labels, members
from quorate.core.model.charter import Charter
from quorate.core.model.charter.types import ENGINES
from quorate.core.model.members import Members
from quorate.core.model.tally import TallyEntry
from quorate.core.model.vote import Head, Vote

KEY_CREATE: Final = "key-create"
READMIT: Final = "readmit"
MAX_ORDER_LIFETIME: Final = 86_400
MAX_INCARNATION: Final = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Signed:
    """A body and an Ed25519 signature over its labelled form."""

    body: bytes
    signature: bytes


def verify_signed(label: str, signed: Signed, public_key: bytes) -> None:
    """Raises QuorateError signature."""
    keys.verify_signed(label, signed.body, signed.signature, public_key)


@dataclass(frozen=True, slots=True)
class Admission:
    """A signer saw the requester's evidence fresh at `time_ms` of its own clock."""

    cluster: str
    signer: str
    incarnation: int
    intent: bytes
    user: str
    token_nonce: str
    external_id: str | None
    time_ms: int

    def to_bytes(self) -> bytes:
        return _encode(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Admission":
        m = _members(data, "admission", cls)
        return cls(
            cluster=m.cluster(),
            signer=m.identifier("signer"),
            incarnation=m.integer("incarnation", 1, MAX_INCARNATION),
            intent=m.hex("intent", 32),
            user=m.printable("user"),
            token_nonce=m.printable("token_nonce"),
            external_id=m.optional("external_id", members.printable),
            time_ms=m.integer("time_ms"),
        )


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A charter version is in force at a signer."""

    cluster: str
    signer: str
    version: int
    charter: bytes
    freeze_count: int
    freeze_hash: bytes
    incarnation: int
    time_ms: int

    def to_bytes(self) -> bytes:
        return _encode(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Acknowledgement":
        m = _members(data, "acknowledgement", cls)
        return cls(
            cluster=m.cluster(),
            signer=m.identifier("signer"),
            version=m.integer("version", 1),
            charter=m.hex("charter", 32),
            freeze_count=m.integer("freeze_count"),
            freeze_hash=m.hex("freeze_hash", 32),
            incarnation=m.integer("incarnation", 1, MAX_INCARNATION),
            time_ms=m.integer("time_ms"),
        )


@dataclass(frozen=True, slots=True)
class Known:
    """The most that one signer has seen of another."""

    incarnation: int
    tally_count: int
    tally_head: bytes
    log_size: int


@dataclass(frozen=True, slots=True)
class PeerState:
    """What `from_` knows of `about`, answered under a nonce of `about`'s keeper."""

    cluster: str
    from_: str
    about: str
    nonce: bytes
    version: int
    charter: bytes
    freeze_count: int
    freeze_hash: bytes
    time_ms: int
    known: Known | None

    def to_bytes(self) -> bytes:
        return _encode(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "PeerState":
        m = _members(data, "peer_state", cls)
        return cls(
            cluster=m.cluster(),
            from_=m.identifier("from"),
            about=m.identifier("about"),
            nonce=m.hex("nonce", 32),
            version=m.integer("version"),
            charter=m.hex("charter", 32),
            freeze_count=m.integer("freeze_count"),
            freeze_hash=m.hex("freeze_hash", 32),
            time_ms=m.integer("time_ms"),
            known=m.optional("known", _known),
        )


def _known(value: object, where: str) -> Known:
    m = Members(value, where, _names(Known))
    return Known(
        m.integer("incarnation", 1, MAX_INCARNATION),
        m.integer("tally_count"),
        m.hex("tally_head", 32),
        m.integer("log_size"),
    )


@dataclass(frozen=True, slots=True)
class Order:
    """One ceremony that a quorum of administrators wants: key-create (`key`) or readmit (`signer`, `incarnation`)."""

    cluster: str
    charter: bytes
    id: str
    kind: str
    key: str | None
    signer: str | None
    incarnation: int | None
    created_at: int
    expires_at: int

    def to_bytes(self) -> bytes:
        return _encode(self)

    @property
    def hash(self) -> bytes:
        return canonical.digest(labels.ORDER, self.to_bytes())

    @classmethod
    def from_bytes(cls, data: bytes) -> "Order":
        """Raises, beside the codes of the members: order_shape, order_lifetime."""
        m = _members(data, "order", cls)
        order = cls(
            cluster=m.cluster(),
            charter=m.hex("charter", 32),
            id=m.cluster("id"),
            kind=m.one_of("kind", (KEY_CREATE, READMIT)),
            key=m.optional("key", members.identifier),
            signer=m.optional("signer", members.identifier),
            incarnation=m.optional(
                "incarnation", lambda value, at: members.integer(value, at, 1, MAX_INCARNATION)
            ),
            created_at=m.integer("created_at"),
            expires_at=m.integer("expires_at"),
        )
        given = (order.key is not None, order.signer is not None, order.incarnation is not None)
        if given != ((True, False, False) if order.kind == KEY_CREATE else (False, True, True)):
            raise QuorateError(
                "order_shape", "key-create names a key only, readmit a signer and its incarnation only"
            )
        if not 0 < order.expires_at - order.created_at <= MAX_ORDER_LIFETIME:
            raise QuorateError(
                "order_lifetime",
                f"an order lives up to {MAX_ORDER_LIFETIME} s and expires after it was created",
            )
        return order


@dataclass(frozen=True, slots=True)
class KeyCertificate:
    """A root key and its chain code, as every signer of the charter it names has certified them."""

    cluster: str
    charter: bytes
    order: bytes
    key: str
    curve: str
    engine: str
    epoch: int
    threshold: int
    signers: tuple[str, ...]
    public_key: bytes
    chain_code: bytes

    def to_bytes(self) -> bytes:
        return _encode(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "KeyCertificate":
        return cls.from_value(canonical.decode(data))

    @classmethod
    def from_value(cls, value: object) -> "KeyCertificate":
        m = Members(value, "certificate", _names(cls))
        curve = m.one_of("curve", tuple(ENGINES))
        return cls(
            cluster=m.cluster(),
            charter=m.hex("charter", 32),
            order=m.hex("order", 32),
            key=m.identifier("key"),
            curve=curve,
            engine=m.one_of("engine", (ENGINES[curve],)),
            epoch=m.integer("epoch", 1, 1),
            threshold=m.integer("threshold", 2, 255),
            signers=m.array("signers", members.identifier, shortest=2, longest=255),
            public_key=m.hex("public_key", 33 if curve == "secp256k1" else 32),
            chain_code=m.hex("chain_code", 32),
        )


@dataclass(frozen=True, slots=True)
class SignedCertificate:
    """A key certificate's body with the vote-key signatures, by signer id: the `proof` of an address answer."""

    body: bytes
    signatures: Mapping[str, bytes]

    def to_json(self) -> dict[str, object]:
        signatures = {signer: signature.hex() for signer, signature in self.signatures.items()}
        return {"certificate": canonical.decode(self.body), "signatures": signatures}

    @classmethod
    def from_json(cls, value: object) -> "SignedCertificate":
        """Raises QuorateError: not_canonical, unknown_member, missing_member, wrong_type; verifies nothing."""
        m = Members(value, "proof", ("certificate", "signatures"))
        given = m.raw("signatures")
        if not isinstance(given, dict):
            raise m.bad("signatures", "an object is expected")
        signatures = {
            members.identifier(signer, m.at("signatures")): members.hex_bytes(
                signature, m.at("signatures"), 64
            )
            for signer, signature in given.items()
        }
        return cls(canonical.encode(m.raw("certificate")), signatures)


Certificate = SignedCertificate


def verify_certificate(certificate: SignedCertificate, charters: Sequence[Charter]) -> KeyCertificate:
    """A certificate that all n signers of the charter version it names have signed. `charters` is a verified chain.

    Raises QuorateError: the codes of the form, certificate_charter, certificate_mismatch (does not follow from that charter),
    certificate_signers (one is missing or too many), signature (names the signer).
    """
    key = KeyCertificate.from_bytes(certificate.body)
    charter = next((c for c in charters if c.hash == key.charter), None)
    if charter is None:
        raise _certificate(
            "certificate_charter", f"key {key.key} names a charter version that is not in the chain"
        )
    spec = charter.key(key.key)
    ids = tuple(signer.id for signer in charter.signers)
    expected = (charter.cluster, spec and spec.curve, spec and spec.engine, charter.threshold, ids)
    if (key.cluster, key.curve, key.engine, key.threshold, key.signers) != expected:
        raise _certificate(
            "certificate_mismatch",
            f"key {key.key} is not as version {charter.version} of the charter describes it",
        )
    if set(certificate.signatures) != set(ids):
        raise _certificate(
            "certificate_signers",
            f"key {key.key} must be signed by every signer of the charter and nobody else",
        )
    for signer in charter.signers:
        try:
            keys.verify_signed(
                labels.KEY, certificate.body, certificate.signatures[signer.id], signer.vote_key
            )
        except QuorateError:
            raise QuorateError(
                "signature",
                f"key {key.key}: the signature of {signer.id} does not verify",
                "peer",
                culprits=(signer.id,),
            ) from None
    return key


def _certificate(code: str, message: str) -> QuorateError:
    return QuorateError(code, message, "peer", "ask the signers for the certificate of this key")


def _names(record: type) -> tuple[str, ...]:
    return tuple(name.rstrip("_") for name in record.__dataclass_fields__)  # type: ignore[attr-defined]


def _members(data: bytes, where: str, record: type) -> Members:
    return Members(canonical.decode(data), where, _names(record))


def _encode(record: object) -> bytes:
    return canonical.encode(_json(record))


def _json(value: object) -> object:
    """Dataclass fields are the members of the structure; bytes become hexadecimal."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name.rstrip("_"): _json(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


__all__ = [
    "Acknowledgement", "Admission", "Certificate", "Head", "KeyCertificate", "Known", "Order", "PeerState", "Signed",
    "SignedCertificate", "TallyEntry", "Vote", "verify_certificate", "verify_signed",
]  # fmt: skip
