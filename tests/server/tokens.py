"""Tokens as the official SDKs make them, and as nobody should."""

import base64
import hashlib
import json
import time
import uuid
from typing import Any, Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

HEADER = {"alg": "RS256", "typ": "JWT"}


class ApiUser(Protocol):
    """An API key with its private RSA key."""

    @property
    def id(self) -> str: ...

    @property
    def key(self) -> rsa.RSAPrivateKey: ...


def claims(user: ApiUser, uri: str, body: bytes) -> dict[str, Any]:
    """Those of an honest token."""
    now = int(time.time())
    return {
        "uri": uri,
        "nonce": str(uuid.uuid4()),
        "iat": now,
        "exp": now + 55,
        "sub": user.id,
        "bodyHash": hashlib.sha256(body).hexdigest(),
    }


def make(user: ApiUser, payload: dict[str, Any], header: dict[str, Any] = HEADER) -> str:
    head, body = (_encode(json.dumps(part).encode()) for part in (header, payload))
    signature = user.key.sign(f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{head}.{body}.{_encode(signature)}"


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
