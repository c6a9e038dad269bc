"""Bare RS256 JWTs (RFC 7519, RFC 7518 section 3.3), as the co-signer callback of the Fireblocks dialect
sends and answers them.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from quorate.client.ceremony import files
from quorate.core.errors import QuorateError
from quorate.core.evidence import base64url, json_strict, keys

LONGEST: Final = 64 << 10
MIN_BITS: Final = 2048


def private_key(path: Path) -> RSAPrivateKey:
    """Raises QuorateError callback_key."""
    try:
        key = load_pem_private_key(files.read(path), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey) or key.key_size < MIN_BITS:
        raise QuorateError(
            "callback_key",
            f"{path}: an RSA private key in PEM is expected, without passphrase, {MIN_BITS} bits",
        )
    return key


def public_key(path: Path) -> str:
    """The PEM of the handler's public key.

    Raises QuorateError wrong_type.
    """
    return keys.rsa_pem(files.read(path).decode("ascii", "replace"), str(path))


def sign(payload: Mapping[str, Any], key: RSAPrivateKey) -> str:
    """The token over `payload`."""
    header = {"alg": "RS256", "typ": "JWT"}
    parts = (json.dumps(part, separators=(",", ":")).encode() for part in (header, payload))
    signed = ".".join(base64url.encode(part) for part in parts)
    return f"{signed}.{base64url.encode(key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def verify(text: str, public_pem: str) -> dict[str, Any]:
    """The payload of a token that the holder of the key signed.

    Raises QuorateError callback_answer for anything else: another algorithm, `none` included.
    """
    try:
        if len(text) > LONGEST:
            raise ValueError(f"more than {LONGEST} characters")
        head, body, signature = text.split(".")
        if _object(head).get("alg") != "RS256":
            raise ValueError("its algorithm is not RS256")
        signed = f"{head}.{body}".encode("ascii")
        keys.rsa_public_key(public_pem).verify(base64url.decode(signature), signed, PKCS1v15(), SHA256())
        return _object(body)
    except ValueError as error:
        raise _bad(str(error)) from None
    except InvalidSignature:
        raise _bad("the signature is not by the handler's key") from None


def _object(part: str) -> dict[str, Any]:
    value = json_strict.loads(base64url.decode(part), limit=LONGEST)
    if not isinstance(value, dict):
        raise ValueError("header and payload are JSON objects")
    return value


def _bad(message: str) -> QuorateError:
    return QuorateError("callback_answer", f"not an answer: {message}", "peer", "nothing was approved")
