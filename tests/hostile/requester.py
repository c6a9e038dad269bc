"""An API user as the official SDK is one: it signs each request with RS256 over its raw body."""

import base64
import hashlib
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from quorate.core.proto import link_pb2 as pb

URI = "/v1/transactions"
HEADER = {"alg": "RS256", "typ": "JWT"}


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(frozen=True)
class Requester:
    """`id` is the API key. The private key never leaves this object; a hostile server has none."""

    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    @property
    def public_pem(self) -> str:
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def claims(self, body: bytes) -> dict[str, Any]:
        now = int(time.time())
        return {
            "uri": URI,
            "nonce": str(uuid.uuid4()),
            "iat": now,
            "exp": now + 55,
            "sub": self.id,
            "bodyHash": hashlib.sha256(body).hexdigest(),
        }

    def token(self, claims: dict[str, Any], header: dict[str, Any] = HEADER) -> str:
        head, payload = (b64url(json.dumps(part).encode()) for part in (header, claims))
        signature = self.key.sign(f"{head}.{payload}".encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{head}.{payload}.{b64url(signature)}"

    def request(self, body: dict[str, Any] | bytes, **claims: Any) -> pb.RawRequest:
        """A request as it arrives at the server. `claims` replace those of an honest token."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return pb.RawRequest(
            method="POST", uri=URI, body=raw, token=self.token({**self.claims(raw), **claims})
        )
