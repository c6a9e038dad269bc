"""BIP340 keys and signatures against the BIPs' vectors, and against signatures that real shares made."""

import csv
import json
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest
from coincurve import PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.chains import bip340, hd
from quorate.core.errors import QuorateError
from tests.core.vectors import ROOT, third_party, third_party_path

RECORDED: Final = ROOT / "crates/quorate-threshold/tests/vectors/bip340-signatures.json"


def recorded() -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads(Path(RECORDED).read_text())["cases"]
    return cases


def test_bip340_vectors() -> None:
    with third_party_path("threshold/bip340/test-vectors.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 19
    for row in rows:
        key, message, signature = (bytes.fromhex(row[n]) for n in ("public key", "message", "signature"))
        assert bip340.is_valid(key, message, signature) == (row["verification result"] == "TRUE"), row
    assert sum(row["verification result"] == "TRUE" for row in rows) == 9


def test_bip341_output_keys() -> None:
    document = third_party("good/bip341-wallet-official.json")["vectors"]
    without_scripts = [v for v in document["scriptPubKey"] if v["given"]["scriptTree"] is None]
    assert len(without_scripts) == 1
    for vector in without_scripts:
        internal = bytes.fromhex(vector["given"]["internalPubkey"])
        assert bip340.output_key(internal).hex() == vector["intermediary"]["tweakedPubkey"]


@pytest.mark.parametrize(
    ("internal", "output"),
    [
        (
            "cc8a4bc64d897bddc5fbc2f670f7a8ba0b386779106cf1223c6fc5d7cd6fc115",
            "a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c",
        ),
        (
            "83dfe85a3151d2517290da461fe2815591ef69f2b18a2ce63f01697a8b313145",
            "a82f29944d65b86ae6b5e5cc75e294ead6c59391a1edc5e016e3498c67fc7bbb",
        ),
        (
            "399f1b2f4393f29a18c937859c5dd8a77350103157eb880f02e8c08214277cef",
            "882d74e5d0572d5a816cef0041a96b6c1de832f6f9676d9605c44d5e9a97d3dc",
        ),
    ],
)
def test_bip86_output_keys(internal: str, output: str) -> None:
    for sign in ("02", "03"):
        assert bip340.signing_key(bytes.fromhex(sign + internal), (86, 0, 0)).hex() == output
        assert bip340.signing_key(bytes.fromhex(sign + internal), (1729, 2)).hex() == internal


def test_signatures_of_real_shares() -> None:
    """Made by 2-of-3 shares of roots of both parities: libsecp256k1 accepts each under the key derived here,
    and under no other.
    """
    cases = recorded()
    assert len(cases) == 24
    parities = set()
    for case in cases:
        root, code = bytes.fromhex(case["root_public_key"]), bytes.fromhex(case["chain_code"])
        digest, signature = bytes.fromhex(case["digest"]), bytes.fromhex(case["signature"])
        child = hd.derive("secp256k1", root, code, case["path"])
        key = bip340.signing_key(child, case["path"])
        assert key.hex() == case["public_key"]
        assert bip340.is_valid(key, digest, signature)
        assert not bip340.is_valid(key, digest[::-1], signature)
        if case["path"][0] == 86:
            assert not bip340.is_valid(child[1:], digest, signature), "signed without the tap tweak"
        parities.add((case["path"][0], root[0], child[0]))
    assert parities == set(product((86, 1729), (2, 3), (2, 3)))


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), st.integers(0, 2047))
def test_whoever_flips_a_bit_is_refused(secret: bytes, message: bytes, bit: int) -> None:
    try:
        key = PrivateKey(secret)
    except ValueError:  # 0, or not below the order
        return
    public, signature = key.public_key_xonly.format(), key.sign_schnorr(message)
    assert bip340.is_valid(public, message, signature)
    parts = public + message + signature
    at = bit % (8 * len(parts))
    changed = bytearray(parts)
    changed[at // 8] ^= 1 << at % 8
    assert not bip340.is_valid(bytes(changed[:32]), bytes(changed[32:64]), bytes(changed[64:]))


def test_other_lengths_are_refused() -> None:
    key = PrivateKey(b"\x07" * 32)
    public, signature = key.public_key_xonly.format(), key.sign_schnorr(b"m" * 32)
    assert bip340.is_valid(public, b"m" * 32, signature)
    for other in (b"", signature[:63], signature + b"\x00"):
        assert not bip340.is_valid(public, b"m" * 32, other)
    for other in (b"", public[:31], b"\x02" + public):
        assert not bip340.is_valid(other, b"m" * 32, signature)


@pytest.mark.parametrize("path", [(44, 60), (49, 0), (84, 0), (1729, 0), (1729, 1), (86,), ()])
def test_other_paths_have_no_key(path: tuple[int, ...]) -> None:
    with pytest.raises(QuorateError) as error:
        bip340.signing_key(PrivateKey(b"\x07" * 32).public_key.format(), path)
    assert error.value.code == "path_scheme"
