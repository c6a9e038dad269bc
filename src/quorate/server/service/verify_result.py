"""The server verifies what it is handed before it says COMPLETED; a signer could be wrong or lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from coincurve import PublicKey
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from quorate.core.chains import bip340, hd
from quorate.core.chains.evm.attach import ORDER
from quorate.core.errors import QuorateError
from quorate.core.model.intent import Attempt, Intent, Item, items
from quorate.core.model.records import KeyCertificate
from quorate.core.proto import link_pb2


@dataclass(frozen=True, slots=True)
class ItemResult:
    """`signature` is r || s for ECDSA, R || s for Ed25519 and BIP340; `recovery_id` is ECDSA's alone."""

    signature: bytes
    recovery_id: int | None
    public_key: bytes

    def to_json(self) -> dict[str, object]:
        return {
            "signature": self.signature.hex(),
            "recovery_id": self.recovery_id,
            "public_key": self.public_key.hex(),
        }


def verify_result(
    result: link_pb2.Result,
    intent: Intent,
    attempt: Attempt,
    attempt_hash: bytes,
    certificate: KeyCertificate,
) -> Sequence[ItemResult]:
    """Raises QuorateError result_mismatch (of another intent or attempt), signature."""
    if (result.intent_hash, result.attempt_hash) != (attempt.intent, attempt_hash):
        raise QuorateError("result_mismatch", "the result is of another intent or attempt", "peer")
    expected = items(intent, attempt)
    if len(result.items) != len(expected):
        raise QuorateError(
            "result_mismatch", f"{len(result.items)} signatures for {len(expected)} items", "peer"
        )
    return [verify_item(item, made, certificate) for item, made in zip(expected, result.items, strict=True)]


def verify_item(item: Item, made: link_pb2.ItemSignature, certificate: KeyCertificate) -> ItemResult:
    """Under the key that the certificate gives for the item's path, whatever the result says it is. Raises
    QuorateError signature, and the codes of `hd.derive`.
    """
    public_key = child_key(certificate.curve, certificate.public_key, certificate.chain_code, item.path)
    if item.scheme == hd.EDDSA:
        _verify_ed25519(public_key, made.signature, item.message)
        return ItemResult(made.signature, None, public_key)
    if item.scheme == hd.BIP340:
        public_key = bip340.signing_key(public_key, item.path)
        if not bip340.is_valid(public_key, item.message, made.signature):
            raise _bad()
        return ItemResult(made.signature, None, public_key)
    _verify_ecdsa(public_key, made.signature, made.recovery_id, item.message)
    return ItemResult(made.signature, made.recovery_id, public_key)


@lru_cache(maxsize=16_384)
def child_key(curve: str, public_key: bytes, chain_code: bytes, path: tuple[int, ...]) -> bytes:
    """`hd.derive`, remembered: accounts sign often."""
    return hd.derive(curve, public_key, chain_code, path)


def _verify_ed25519(public_key: bytes, signature: bytes, message: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise _bad() from None


def _verify_ecdsa(public_key: bytes, signature: bytes, recovery_id: int, digest: bytes) -> None:
    """Low s, and the key recovered from (r, s, v) is the expected one, which implies that the signature
    verifies.
    """
    if len(signature) != 64 or recovery_id > 3 or int.from_bytes(signature[32:], "big") > ORDER // 2:
        raise _bad()
    try:
        found = PublicKey.from_signature_and_message(signature + bytes([recovery_id]), digest, hasher=None)
    except ValueError:
        raise _bad() from None
    if found.format() != public_key:
        raise _bad()


def _bad() -> QuorateError:
    return QuorateError(
        "signature", "the signature does not verify under the key expected", "peer", "another set is tried"
    )
