"""The hash functions of Bitcoin."""

import hashlib
from functools import lru_cache

from Crypto.Hash import RIPEMD160


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def sha256d(data: bytes) -> bytes:
    """SHA-256 twice: transaction ids, checksums and the digests before taproot."""
    return sha256(sha256(data))


def hash160(data: bytes) -> bytes:
    """RIPEMD-160 of SHA-256, 20 bytes. Not from hashlib: there it depends on how OpenSSL was built."""
    return RIPEMD160.new(sha256(data)).digest()


def tagged_hash(tag: str, message: bytes) -> bytes:
    """SHA-256(SHA-256(tag) || SHA-256(tag) || message), BIP340."""
    return sha256(_tag(tag) + message)


@lru_cache(maxsize=8)
def _tag(tag: str) -> bytes:
    return sha256(tag.encode("ascii")) * 2
