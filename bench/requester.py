"""RAW requests, signed as the official SDK signs them, made before the clock runs: an RSA signature costs a
client more than all the rest of a request.
"""

import base64
import hashlib
import json
import os
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from quorate.core.dialects.fireblocks import to_intent
from quorate.core.evidence import token
from quorate.core.model.charter import Charter
from quorate.core.model.records import KeyCertificate

URI: Final = "/v1/transactions"
LIFETIME: Final = 55
"""Seconds a token lives, as in the SDK; a batch is made right before it is sent."""
ACCOUNTS: Final = 8
"""Different derivation paths, taken in turn."""


@dataclass(frozen=True, slots=True)
class Curve:
    """`scheme` as the intent has it, `algorithm` as the dialect has it, `branch` of its RAW keys."""

    name: str
    scheme: str
    algorithm: str
    content_bytes: int
    branch: tuple[int, int]


ED25519: Final = Curve("Ed25519", "ed25519", "MPC_EDDSA_ED25519", 100, (1729, 1))
ECDSA: Final = Curve("ECDSA", "ecdsa-secp256k1", "MPC_ECDSA_SECP256K1", 32, (1729, 0))


@dataclass(frozen=True, slots=True)
class Prepared:
    """One request, ready to be sent, and what its signature must be of."""

    http: bytes
    intent_hash: str
    curve: Curve
    content: bytes
    path: tuple[int, ...]


class Requester:
    """An API user. `api` is the `api` member of dev.json."""

    def __init__(
        self, api: Mapping[str, str], charter: Charter, certificates: Mapping[str, KeyCertificate]
    ) -> None:
        self._id = api["api_key"]
        key = load_pem_private_key(Path(api["secret_key_file"]).read_bytes(), None)
        assert isinstance(key, RSAPrivateKey)
        self._key = key
        self._charter = charter
        self._certificates = certificates

    def prepare(self, curve: Curve, count: int) -> list[Prepared]:
        """Requests over random content; each can be sent once."""
        return [self._one(curve, (*curve.branch, number % ACCOUNTS)) for number in range(count)]

    def _one(self, curve: Curve, path: tuple[int, ...]) -> Prepared:
        content = os.urandom(curve.content_bytes)
        messages = [{"content": content.hex(), "derivationPath": list(path)}]
        raw = {"rawMessageData": {"messages": messages, "algorithm": curve.algorithm}}
        body = json.dumps({"operation": "RAW", "extraParameters": raw}).encode()
        signed = self._token(body)
        intent = to_intent(body, token.peek(signed), self._charter, self._certificates)
        head = (
            f"POST {URI} HTTP/1.1\r\nHost: localhost\r\n"
            f"X-API-Key: {self._id}\r\nAuthorization: Bearer {signed}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return Prepared(head.encode() + body, intent.hash.hex(), curve, content, path)

    def _token(self, body: bytes) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {
            "uri": URI,
            "nonce": str(uuid.uuid4()),
            "iat": now,
            "exp": now + LIFETIME,
            "sub": self._id,
            "bodyHash": hashlib.sha256(body).hexdigest(),
        }
        signed = ".".join(
            _base64url(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT"}, claims)
        )
        return f"{signed}.{_base64url(self._key.sign(signed.encode(), PKCS1v15(), hashes.SHA256()))}"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def contents(requests: Sequence[Prepared]) -> dict[str, Prepared]:
    """By intent hash."""
    return {request.intent_hash: request for request in requests}
