"""Signatures with the root keys in one piece, as only tests have them: what a cluster's keepers
make together."""

import hashlib
import hmac
import secrets

from coincurve import PrivateKey
from coincurve._libsecp256k1 import ffi
from nacl.bindings import (
    crypto_core_ed25519_scalar_add,
    crypto_core_ed25519_scalar_mul,
    crypto_core_ed25519_scalar_reduce,
    crypto_scalarmult_ed25519_base_noclamp,
)

from quorate.core.chains import hd
from quorate.core.chains.bitcoin.script import tap_output
from quorate.core.model.intent import Item
from quorate.core.proto import link_pb2 as pb
from tests.core.chains.bitcoin.support import tweaked
from tests.judge.cluster import Cluster


def sign(cluster: Cluster, item: Item, entropy: bytes = bytes(32)) -> pb.ItemSignature:
    """`entropy`: 32 bytes that make another ECDSA signature of the same message."""
    if item.scheme == 1:
        return _ed25519(cluster, item)
    secret = _child(cluster, item.path)
    if item.scheme == 2:
        return _bip340(secret, item)
    nonce = (ffi.NULL, ffi.new("char [32]", entropy))
    made = secret.sign_recoverable(item.message, hasher=None, custom_nonce=nonce)
    return pb.ItemSignature(signature=made[:64], recovery_id=made[64], public_key=secret.public_key.format())


def _child(cluster: Cluster, path: tuple[int, ...]) -> PrivateKey:
    secret, public, code = cluster.ecdsa, cluster.ecdsa.public_key.format(), cluster.chain_code
    for index in path:
        mac = hmac.digest(code, public + index.to_bytes(4, "big"), hashlib.sha512)
        secret = PrivateKey(secret.secret).add(mac[:32])
        public, code = secret.public_key.format(), mac[32:]
    return secret


def _bip340(secret: PrivateKey, item: Item) -> pb.ItemSignature:
    """Below 86 by the taproot output key (BIP86)."""
    if item.path[0] == 86:
        secret = tweaked(secret, tap_output(secret.public_key.format())[0])
    return pb.ItemSignature(
        signature=secret.sign_schnorr(item.message), public_key=secret.public_key.format()[1:]
    )


def _ed25519(cluster: Cluster, item: Item) -> pb.ItemSignature:
    """RFC 8032 with a scalar in place of a seed, and a random nonce."""
    seed_hash = hashlib.sha512(cluster.eddsa.private_bytes_raw()).digest()
    clamped = bytearray(seed_hash[:32])
    clamped[0] &= 248
    clamped[31] = (clamped[31] & 127) | 64
    scalar = crypto_core_ed25519_scalar_reduce(bytes(clamped) + bytes(32))
    public, code = cluster.eddsa.public_key().public_bytes_raw(), cluster.chain_code
    for index in item.path:
        mac = hmac.digest(code, public + b"\0" + index.to_bytes(4, "big"), hashlib.sha512)
        tweak = (int.from_bytes(mac[:32], "big") % hd.ED25519_ORDER).to_bytes(32, "little")
        scalar = crypto_core_ed25519_scalar_add(scalar, tweak)
        public, code = hd.child("ed25519", public, code, index)
    nonce = crypto_core_ed25519_scalar_reduce(secrets.token_bytes(64))
    r = crypto_scalarmult_ed25519_base_noclamp(nonce)
    k = crypto_core_ed25519_scalar_reduce(hashlib.sha512(r + public + item.message).digest())
    s = crypto_core_ed25519_scalar_add(nonce, crypto_core_ed25519_scalar_mul(k, scalar))
    return pb.ItemSignature(signature=r + s, public_key=public)
