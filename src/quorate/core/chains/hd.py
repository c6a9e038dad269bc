"""Child public keys by path, non-hardened only, from a key certificate's (public key, chain code).

secp256k1: BIP32, public parent to public child. Ed25519: the formula of docs/spec/key-certificate.md. Only
public keys pass through here; the shares' side of the same formulas is in the keeper, and both are tested
against the same vectors.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from coincurve import PublicKey
from nacl.bindings import (
    crypto_core_ed25519_add,
    crypto_core_ed25519_is_valid_point,
    crypto_scalarmult_ed25519_base_noclamp,
)

from quorate.core.errors import QuorateError

HARDENED: Final = 1 << 31
RAW_PURPOSE: Final = 1729
ECDSA, EDDSA, BIP340 = 0, 1, 2
"""Scheme numbers, as in docs/spec/vote.md."""

ED25519_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
"""L of RFC 8032, section 5.1."""

_SCHEMES: Final[Mapping[str, frozenset[int]]] = {
    "secp256k1": frozenset({ECDSA, BIP340}),
    "ed25519": frozenset({EDDSA}),
}
_PURPOSES: Final[Mapping[tuple[str, int], int]] = {
    ("secp256k1", 44): ECDSA,
    ("secp256k1", 49): ECDSA,
    ("secp256k1", 84): ECDSA,
    ("secp256k1", 86): BIP340,
    ("ed25519", 44): EDDSA,
}


def derive(curve: str, public_key: bytes, chain_code: bytes, path: Sequence[int]) -> bytes:
    """The public key at `path` below a root: 33 bytes compressed for secp256k1, 32 bytes for Ed25519.

    Raises QuorateError: public_key (not a point of the curve's group), chain_code (not 32 bytes),
    hardened_index (an index that is not in 0..2^31 - 1), invalid_child (probability below 2^-127; such an
    index has no key).
    """
    check_public_key(curve, public_key)
    if len(chain_code) != 32:
        raise QuorateError("chain_code", f"a chain code has 32 bytes, this one {len(chain_code)}")
    for index in path:
        public_key, chain_code = child(curve, public_key, chain_code, index)
    return public_key


def child(curve: str, public_key: bytes, chain_code: bytes, index: int) -> tuple[bytes, bytes]:
    """One step of `derive`: the child's public key and chain code. The parent must be a checked key."""
    if not 0 <= index < HARDENED:
        raise QuorateError(
            "hardened_index",
            f"index {index} is not in 0..2^31 - 1; public derivation has no hardened children",
        )
    return _CHILD[curve](public_key, chain_code, index)


def check_public_key(curve: str, public_key: bytes) -> None:
    """An Ed25519 key must be canonical and of prime order. Raises QuorateError: curve, public_key."""
    if curve not in _CHILD:
        raise QuorateError("curve", f"{curve} is not a curve of this version")
    if not _is_point(curve, public_key):
        raise QuorateError("public_key", f"{public_key.hex()} is not a public key of {curve}")


def scheme(curve: str, path: Sequence[int]) -> int:
    """The one scheme a path may sign with (keeper check `path_scheme`): the purpose fixes it.

    Raises QuorateError path_scheme: depth not 2..10, an index not below 2^31, or a purpose that this curve
    does not have.
    """
    if not 2 <= len(path) <= 10 or not all(0 <= index < HARDENED for index in path):
        raise _path_scheme(curve, path)
    found = path[1] if path[0] == RAW_PURPOSE else _PURPOSES.get((curve, path[0]))
    if found is None or found not in _SCHEMES.get(curve, ()):
        raise _path_scheme(curve, path)
    return found


def _child_secp256k1(public_key: bytes, chain_code: bytes, index: int) -> tuple[bytes, bytes]:
    """BIP32, CKDpub: I = HMAC-SHA512(c, serP(K) || ser32(i)); K_i = point(I_L) + K; c_i = I_R."""
    mac = hmac.digest(chain_code, public_key + index.to_bytes(4, "big"), hashlib.sha512)
    try:
        # libsecp256k1 refuses I_L >= n and infinity: exactly the cases in which BIP32 has no child
        return PublicKey(public_key).add(mac[:32]).format(), mac[32:]
    except ValueError:
        raise _invalid_child(index) from None


def _child_ed25519(public_key: bytes, chain_code: bytes, index: int) -> tuple[bytes, bytes]:
    """h = HMAC-SHA512(c, A || 0x00 || be32(i)); A' = A + (int_be(h[0:32]) mod L)·B; c' = h[32:64]."""
    mac = hmac.digest(chain_code, public_key + b"\x00" + index.to_bytes(4, "big"), hashlib.sha512)
    scalar = int.from_bytes(mac[:32], "big") % ED25519_ORDER
    if scalar == 0:
        raise _invalid_child(index)
    tweak = crypto_scalarmult_ed25519_base_noclamp(scalar.to_bytes(32, "little"))
    child_key = crypto_core_ed25519_add(public_key, tweak)
    if not crypto_core_ed25519_is_valid_point(child_key):  # the neutral element
        raise _invalid_child(index)
    return child_key, mac[32:]


_CHILD: Final[Mapping[str, Callable[[bytes, bytes, int], tuple[bytes, bytes]]]] = {
    "secp256k1": _child_secp256k1,
    "ed25519": _child_ed25519,
}


def _is_point(curve: str, public_key: bytes) -> bool:
    if curve == "ed25519":
        return len(public_key) == 32 and crypto_core_ed25519_is_valid_point(public_key)
    try:
        return len(public_key) == 33 and PublicKey(public_key).format() == public_key
    except ValueError:
        return False


def _invalid_child(index: int) -> QuorateError:
    return QuorateError(
        "invalid_child", f"index {index} has no child key below this parent", "caller", "use the next index"
    )


def _path_scheme(curve: str, path: Sequence[int]) -> QuorateError:
    text = "/".join(str(index) for index in path)
    return QuorateError(
        "path_scheme", f"{text} is no signing path of {curve}", "caller", "see docs/spec/key-certificate.md"
    )
