"""Signed JSON records: admission, acknowledgement, peer state, order, key certificate (docs/spec). Bodies
are without label.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from quorate.core.errors import QuorateError
from quorate.core.evidence import keys
from quorate.core.model import canonical, labels, members
from quorate.core.model.certificate import Certificate, KeyCertificate, SignedCertificate, verify_certificate
from quorate.core.model.codec import encode, names, read
from quorate.core.model.members import Members
from quorate.core.model.tally import TallyEntry
from quorate.core.model.vote import Head, Vote

KEY_CREATE: Final = "key-create"
READMIT: Final = "readmit"
UNFREEZE: Final = "unfreeze"
MAX_FREEZES: Final = 64
"""Freezes that one order lifts."""
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
        return encode(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Admission":
        m = read(data, "admission", cls)
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
    """A charter version and a set of freezes are in force at a signer."""

    cluster: str
    signer: str
    version: int
    charter: bytes
    freeze_count: int
    freeze_hash: bytes
    incarnation: int
    time_ms: int

    def to_bytes(self) -> bytes:
        return encode(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Acknowledgement":
        m = read(data, "acknowledgement", cls)
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
        return encode(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "PeerState":
        m = read(data, "peer_state", cls)
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
    m = Members(value, where, names(Known))
    return Known(
        m.integer("incarnation", 1, MAX_INCARNATION),
        m.integer("tally_count"),
        m.hex("tally_head", 32),
        m.integer("log_size"),
    )


@dataclass(frozen=True, slots=True)
class Order:
    """One ceremony that a quorum of administrators wants: key-create (`key`), readmit (`signer`,
    `incarnation`) or unfreeze (`freezes`: ids, rising). `freezes` is a member of unfreeze alone.
    """

    cluster: str
    charter: bytes
    id: str
    kind: str
    key: str | None
    signer: str | None
    incarnation: int | None
    created_at: int
    expires_at: int
    freezes: tuple[str, ...] | None = None

    def to_bytes(self) -> bytes:
        return encode(self, optional=("freezes",))

    @property
    def hash(self) -> bytes:
        return canonical.digest(labels.ORDER, self.to_bytes())

    @classmethod
    def from_bytes(cls, data: bytes) -> "Order":
        """Raises, beside the codes of the members: order_shape, order_lifetime."""
        m = read(data, "order", cls, optional=("freezes",))
        order = cls(
            cluster=m.cluster(),
            charter=m.hex("charter", 32),
            id=m.cluster("id"),
            kind=m.one_of("kind", tuple(_ORDER_SHAPES)),
            key=m.optional("key", members.identifier),
            signer=m.optional("signer", members.identifier),
            incarnation=m.optional(
                "incarnation", lambda value, at: members.integer(value, at, 1, MAX_INCARNATION)
            ),
            created_at=m.integer("created_at"),
            expires_at=m.integer("expires_at"),
            freezes=_freezes(m) if "freezes" in m else None,
        )
        given = {name for name in _ORDER_MEMBERS if getattr(order, name) is not None}
        if given != _ORDER_SHAPES[order.kind]:
            raise QuorateError(
                "order_shape",
                "key-create names a key only, readmit a signer and incarnation only, unfreeze freezes only",
            )
        if not 0 < order.expires_at - order.created_at <= MAX_ORDER_LIFETIME:
            raise QuorateError(
                "order_lifetime",
                f"an order lives up to {MAX_ORDER_LIFETIME} s and expires after it was created",
            )
        return order


_ORDER_SHAPES: Final = {KEY_CREATE: {"key"}, READMIT: {"signer", "incarnation"}, UNFREEZE: {"freezes"}}
_ORDER_MEMBERS: Final = ("key", "signer", "incarnation", "freezes")


def _freezes(m: Members) -> tuple[str, ...]:
    ids = m.array("freezes", lambda value, at: members.hex_bytes(value, at, 16).hex(), shortest=1,
                  longest=MAX_FREEZES)  # fmt: skip
    if any(earlier >= later for earlier, later in pairwise(ids)):
        raise m.bad("freezes", "ids are listed once each and rise")
    return ids


__all__ = [
    "Acknowledgement",
    "Admission",
    "Certificate",
    "Head",
    "KeyCertificate",
    "Known",
    "Order",
    "PeerState",
    "Signed",
    "SignedCertificate",
    "TallyEntry",
    "Vote",
    "verify_certificate",
    "verify_signed",
]
