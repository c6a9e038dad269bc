"""Every signature, verified without the server: the key certificate against the charter, the child key from
the certificate, the signature by coincurve or cryptography.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from coincurve import PublicKey
from coincurve.ecdsa import cdata_to_der, deserialize_compact
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bench.requester import ECDSA, Prepared
from quorate.core.chains import hd
from quorate.core.model.records import KeyCertificate


class BadSignature(Exception):
    """A figure of a signature that does not verify would be worth nothing: the run ends."""


def verify(
    request: Prepared, document: Mapping[str, Any], certificates: Mapping[str, KeyCertificate]
) -> None:
    """`document` is what the server says of the request. Raises BadSignature."""
    if document["status"] != "COMPLETED":
        raise BadSignature(f"{request.intent_hash} is {document['status']}: {document['system_messages']}")
    certificate = next(c for c in certificates.values() if c.curve in request.curve.scheme)
    public_key = _child(certificate.curve, certificate.public_key, certificate.chain_code, request.path)
    (item,) = document["result"]
    signature = bytes.fromhex(item["signature"])
    try:
        if request.curve is ECDSA:
            der = cdata_to_der(deserialize_compact(signature))
            valid = PublicKey(public_key).verify(der, request.content, hasher=None)
        else:
            Ed25519PublicKey.from_public_bytes(public_key).verify(signature, request.content)
            valid = True
    except Exception as failure:
        raise BadSignature(f"{request.intent_hash}: {failure!r}") from failure
    if not valid:
        raise BadSignature(request.intent_hash)


@lru_cache(maxsize=1024)
def _child(curve: str, public_key: bytes, chain_code: bytes, path: tuple[int, ...]) -> bytes:
    return hd.derive(curve, public_key, chain_code, path)
