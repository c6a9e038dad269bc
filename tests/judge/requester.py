"""An API user as the official SDK is one: RS256 over URI, nonce and the hash of the raw body."""

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


@dataclass(frozen=True)
class Requester:
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    @property
    def public_pem(self) -> str:
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def request(self, body: dict[str, Any] | bytes, **claims: Any) -> pb.RawRequest:
        """A request as it reaches the server; `claims` replace those of an honest token."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        now = int(time.time())
        honest = {
            "uri": URI,
            "nonce": str(uuid.uuid4()),
            "iat": now,
            "exp": now + 55,
            "sub": self.id,
            "bodyHash": hashlib.sha256(raw).hexdigest(),
        }
        return pb.RawRequest(method="POST", uri=URI, body=raw, token=self.token({**honest, **claims}))

    def token(self, claims: dict[str, Any]) -> str:
        parts = ({"alg": "RS256", "typ": "JWT"}, claims)
        signed = ".".join(_base64url(json.dumps(part).encode()) for part in parts)
        signature = self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_base64url(signature)}"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
