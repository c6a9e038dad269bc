"""Key certificates: a root key as every signer of a charter certified it (docs/spec/key-certificate.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quorate.core.errors import QuorateError
from quorate.core.evidence import keys
from quorate.core.model import canonical, labels, members
from quorate.core.model.charter import ENGINES, Charter
from quorate.core.model.codec import encode, names
from quorate.core.model.members import Members


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
        return encode(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "KeyCertificate":
        return cls.from_value(canonical.decode(data))

    @classmethod
    def from_value(cls, value: object) -> "KeyCertificate":
        m = Members(value, "certificate", names(cls))
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
    """A key certificate's body with the vote-key signatures, by signer id: the `proof` of an address
    answer.
    """

    body: bytes
    signatures: Mapping[str, bytes]

    def to_json(self) -> dict[str, object]:
        signatures = {signer: signature.hex() for signer, signature in self.signatures.items()}
        return {"certificate": canonical.decode(self.body), "signatures": signatures}

    @classmethod
    def from_json(cls, value: object) -> "SignedCertificate":
        """Form only. Raises QuorateError: not_canonical, unknown_member, missing_member, wrong_type."""
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
    """A certificate that all n signers of the charter version it names have signed. `charters` is a
    verified chain.

    Raises QuorateError: the codes of the form, certificate_charter, certificate_mismatch (does not follow
    from that charter), certificate_signers (one is missing or too many), signature (names the signer).
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
