"""BIP340 keys and signatures on children of a secp256k1 root key.

Which key a path signs under is the keeper's to enforce; this is the public side of the same rule
(docs/spec/key-certificate.md).
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from coincurve import PublicKey, PublicKeyXOnly

from quorate.core.chains import hd
from quorate.core.errors import QuorateError

TAPROOT_PURPOSE: Final = 86
"""BIP86: single-key taproot outputs."""


def signing_key(child: bytes, path: Sequence[int]) -> bytes:
    """The 32 bytes (x) that a signature at `path` verifies under, from the child key there (33 bytes,
    compressed): below purpose 86 the taproot output key without scripts (BIP86), else the child's own x.

    Raises QuorateError: path_scheme (a path that does not sign BIP340), invalid_child (probability 2^-127).
    """
    if hd.scheme("secp256k1", path) != hd.BIP340:
        raise QuorateError("path_scheme", "this path does not sign BIP340")
    return output_key(child[1:]) if path[0] == TAPROOT_PURPOSE else child[1:]


def output_key(internal: bytes) -> bytes:
    """BIP341 `taproot_tweak_pubkey` with an empty `h`: x of Q = P + int(hash_TapTweak(x(P)))·G, where P has
    an even y. `internal`: x of P, 32 bytes.
    """
    try:
        return PublicKey(b"\x02" + internal).add(tagged_hash("TapTweak", internal)).format()[1:]
    except ValueError:
        raise QuorateError("invalid_child", "this key has no taproot output key") from None


def tagged_hash(tag: str, data: bytes) -> bytes:
    """BIP340: SHA-256(SHA-256(tag) || SHA-256(tag) || data)."""
    prefix = hashlib.sha256(tag.encode()).digest()
    return hashlib.sha256(prefix + prefix + data).digest()


def is_valid(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """By libsecp256k1. `public_key`: x, 32 bytes; `signature`: x of R and s, 64 bytes."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    try:
        return PublicKeyXOnly(public_key).verify(signature, message)
    except ValueError:
        return False
