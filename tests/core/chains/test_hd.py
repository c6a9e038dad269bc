"""BIP32 against the BIP's vectors; the Ed25519 formula against secret scalars and other arithmetic."""

import hashlib
import hmac
from itertools import pairwise

import pytest
from coincurve import PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.chains import hd
from quorate.core.errors import QuorateError
from tests.core.vectors import third_party

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
PUBLIC_VERSION = bytes.fromhex("0488b21e")


def xpub(text: str) -> tuple[bytes, bytes, bytes]:
    """(version, chain code, public key) of base58check text whose checksum holds."""
    number = 0
    for character in text:
        number = number * 58 + _ALPHABET.index(character)
    data = number.to_bytes(82, "big")
    assert hashlib.sha256(hashlib.sha256(data[:78]).digest()).digest()[:4] == data[78:]
    return data[:4], data[13:45], data[45:78]


def test_bip32_public_derivation() -> None:
    document = third_party("threshold/bip32/bip32.json")
    assert (document["count_vectors"], document["count_keys"]) == (4, 17)
    derived = 0
    for vector in document["vectors"]:
        keys = [(link["path"], *xpub(link["pub"])[1:]) for link in vector["chain"]]
        for (_, code, parent), (path, child_code, child) in pairwise(keys):
            last = path.rpartition("/")[2]
            if last.endswith("h"):
                continue
            assert hd.child("secp256k1", parent, code, int(last)) == (child, child_code)
            assert hd.derive("secp256k1", parent, code, [int(last)]) == child
            derived += 1
    assert derived == 6


def test_bip32_invalid_public_keys_are_refused() -> None:
    document = third_party("threshold/bip32/bip32.json")
    assert len(document["invalid"]) == document["count_invalid"] == 14
    refused = 0
    for case in document["invalid"]:
        if not case["reason"].startswith(("invalid pubkey", "pubkey version")):
            continue  # certificates carry bare keys: no private keys, checksums and depths
        _, code, key = xpub(case["key"])
        with pytest.raises(QuorateError) as error:
            hd.derive("secp256k1", key, code, [0])
        assert error.value.code == "public_key"
        refused += 1
    assert refused == 4


# Ed25519 in affine coordinates, from RFC 8032 section 5.1 alone: slow, and shares nothing with libsodium.
P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
B = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
)


def add(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    product = D * a[0] * b[0] * a[1] * b[1]
    x = (a[0] * b[1] + b[0] * a[1]) * pow(1 + product, -1, P)
    y = (a[1] * b[1] + a[0] * b[0]) * pow(1 - product, -1, P)
    return x % P, y % P


def multiply(scalar: int, point: tuple[int, int] = B) -> tuple[int, int]:
    result = (0, 1)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


def compress(point: tuple[int, int]) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def child_scalar(scalar: int, public: bytes, code: bytes, index: int) -> tuple[int, bytes]:
    """The secret side of docs/spec/key-certificate.md."""
    h = hmac.new(code, public + b"\x00" + index.to_bytes(4, "big"), hashlib.sha512).digest()
    return (scalar + int.from_bytes(h[:32], "big")) % hd.ED25519_ORDER, h[32:]


def test_ed25519_children_are_the_keys_of_the_child_scalars() -> None:
    checked = 0
    for seed in range(4):
        scalar = int.from_bytes(hashlib.sha512(bytes([seed])).digest(), "big") % hd.ED25519_ORDER
        root = public = compress(multiply(scalar))
        root_code = code = hashlib.sha256(bytes([seed])).digest()
        path = (44, 501, seed, 0, (1 << 31) - 1)
        for depth, index in enumerate(path, 1):
            scalar, code = child_scalar(scalar, public, code, index)
            public = compress(multiply(scalar))
            assert hd.derive("ed25519", root, root_code, path[:depth]) == public
            checked += 1
    assert checked == 20


def test_ed25519_root_of_an_existing_custodian() -> None:
    """Recovered master keys of another system with the same formula: root and child from the scalar."""
    document = third_party("threshold/fireblocks-recovery/expected.json")
    checked = 0
    for case in document["cases"]:
        secret = case["keys_by_algorithm"].get("MPC_EDDSA_ED25519")
        if secret is None:
            continue
        scalar = int(secret, 16)
        code = bytes.fromhex(case["chaincode_by_algorithm"]["MPC_EDDSA_ED25519"])
        root = compress(multiply(scalar % hd.ED25519_ORDER))
        assert "00" + root.hex() in case["public_keys"]
        child, _ = child_scalar(scalar, root, code, 44)
        assert hd.derive("ed25519", root, code, [44]) == compress(multiply(child))
        checked += 1
    assert (document["count"], checked) == (8, 5)


@given(st.integers(1, 2**256 - 2**130), st.binary(min_size=32, max_size=32), st.integers(0, hd.HARDENED - 1))
def test_secp256k1_children_are_the_keys_of_the_child_scalars(scalar: int, code: bytes, index: int) -> None:
    parent = PrivateKey(scalar.to_bytes(32, "big"))
    public = parent.public_key.format()
    tweak = hmac.new(code, public + index.to_bytes(4, "big"), hashlib.sha512).digest()[:32]
    assert hd.derive("secp256k1", public, code, [index]) == parent.add(tweak).public_key.format()


@pytest.mark.parametrize(
    ("curve", "key"),
    [
        ("ed25519", bytes([1]) + bytes(31)),  # the neutral element
        ("ed25519", bytes(32)),  # y = 0: order 4
        ("ed25519", b"\xff" * 32),  # y not reduced
        ("ed25519", compress(B)[:31]),
        ("ed25519", compress(add(B, (0, P - 1)))),  # on the curve, with a component of order 2
        ("secp256k1", b"\x02" + bytes(32)),
        ("secp256k1", PrivateKey().public_key.format(compressed=False)),
        ("secp256k1", b""),
    ],
)
def test_what_is_no_key_is_refused(curve: str, key: bytes) -> None:
    with pytest.raises(QuorateError) as error:
        hd.derive(curve, key, bytes(32), [0])
    assert error.value.code == "public_key"


@pytest.mark.parametrize("index", [-1, hd.HARDENED, 2**32 - 1])
def test_hardened_and_foreign_indexes_are_refused(index: int) -> None:
    with pytest.raises(QuorateError) as error:
        hd.derive("ed25519", compress(B), bytes(32), [44, index])
    assert error.value.code == "hardened_index"


def test_other_curves_and_chain_codes_are_refused() -> None:
    for curve, code, wanted in (("p256", bytes(32), "curve"), ("ed25519", bytes(31), "chain_code")):
        with pytest.raises(QuorateError) as error:
            hd.derive(curve, compress(B), code, [0])
        assert error.value.code == wanted


def test_the_purpose_fixes_the_scheme() -> None:
    table = {
        ("secp256k1", (44, 60, 0, 0, 0)): hd.ECDSA,
        ("secp256k1", (49, 0)): hd.ECDSA,
        ("secp256k1", (84, 0)): hd.ECDSA,
        ("secp256k1", (86, 0)): hd.BIP340,
        ("secp256k1", (1729, 0)): hd.ECDSA,
        ("secp256k1", (1729, 2, 7)): hd.BIP340,
        ("ed25519", (44, 501, 0, 0, 0)): hd.EDDSA,
        ("ed25519", (1729, 1, 0)): hd.EDDSA,
    }
    for (curve, path), wanted in table.items():
        assert hd.scheme(curve, path) == wanted
    refused = [
        ("secp256k1", (1729, 1)),
        ("ed25519", (1729, 0)),
        ("ed25519", (1729, 2)),
        ("ed25519", (86, 0)),
        ("secp256k1", (45, 0)),
        ("secp256k1", (44,)),
        ("secp256k1", (44, *range(10))),
        ("secp256k1", (44, hd.HARDENED)),
        ("secp256k1", (1729, 3)),
        ("p256", (44, 0)),
        ("secp256k1", ()),
    ]
    for curve, path in refused:
        with pytest.raises(QuorateError) as error:
            hd.scheme(curve, path)
        assert error.value.code == "path_scheme"
