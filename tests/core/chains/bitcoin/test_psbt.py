"""The official PSBT vectors of BIP174, BIP370 and BIP371, and the strictness of the reader."""

import base64
from collections import Counter
from typing import Any

import pytest

from quorate.core.chains.bitcoin import psbt
from quorate.core.chains.bitcoin.decode import decode_psbt
from quorate.core.errors import QuorateError
from tests.core.chains.bitcoin.support import item_bytes, join, psbt_items, split
from tests.core.vectors import third_party


def cases(name: str) -> list[tuple[str, str, bytes]]:
    """(class, case, bytes); counts are those of the file."""
    document = third_party(f"good/{name}-psbt-official.json")
    found: list[Any] = document["cases"]
    assert Counter(case["class"] for case in found) == document["counts"]
    return [(case["class"], case["case"], base64.b64decode(case["base64"])) for case in found]


def code(data: bytes) -> str:
    """The code that reading raises, or nothing."""
    try:
        psbt.read(data)
    except QuorateError as error:
        return error.code
    return ""


def test_bip174() -> None:
    counts: Counter[str] = Counter()
    for kind, case, data in cases("bip174"):
        if kind == "invalid":
            assert code(data), case
        else:
            assert not code(data), case
            assert join(split(data)) == data
        counts[kind] += 1
    assert counts == {"invalid": 20, "valid": 10, "fails_signer_checks": 4}


def test_bip174_signer_checks_are_effects() -> None:
    wanted = {
        "A Witness UTXO is provided for a non-witness input": "witness_utxo_for_non_witness_input",
        "redeemScript with non-witness UTXO does not match the scriptPubKey": "redeem_script_differs",
        "redeemScript with witness UTXO does not match the scriptPubKey": "redeem_script_differs",
        "witnessScript with witness UTXO does not match the redeemScript": "witness_script_differs",
    }
    checked = 0
    for kind, case, data in cases("bip174"):
        if kind == "fails_signer_checks":
            effects = decode_psbt(data, None, "testnet").effects
            reasons = {effect["reason"] for effect in effects if effect["type"] == "inconsistent"}
            assert reasons == {wanted[case]}, case
            checked += 1
    assert checked == 4


def test_bip371() -> None:
    counts: Counter[str] = Counter()
    for kind, case, data in cases("bip371"):
        assert bool(code(data)) == (kind == "invalid"), case
        counts[kind] += 1
    assert counts == {"invalid": 11, "valid": 6}


def test_version_2_is_refused_whole() -> None:
    codes = Counter(code(data) for _, _, data in cases("bip370"))
    assert codes == {"psbt_version": 48}


DATA = item_bytes(psbt_items()[0][2])


def changed(place: int, **records: bytes) -> bytes:
    """The first item with records added to a map: names are hexadecimal keys behind an underscore."""
    maps = split(DATA)
    maps[place].update({bytes.fromhex(key[1:]): value for key, value in records.items()})
    return join(maps)


def test_the_tests_own_splitter_is_exact() -> None:
    for _, _, item in psbt_items():
        assert join(split(item_bytes(item))) == item_bytes(item)


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (DATA + b"\x00", "trailing_bytes"),
        (DATA[:-1], "malformed_psbt"),
        (DATA[1:], "malformed_psbt"),
        (b"", "malformed_psbt"),
        (b"psbt\xff", "malformed_psbt"),
        (b"psbt\xff\x00", "malformed_psbt"),
        (DATA + bytes(1 << 20), "too_large"),
        (changed(0, _fb=bytes(4)), ""),  # version 0, said aloud
        (changed(0, _fb=b"\x01\x00\x00\x00"), "psbt_version"),
        (changed(0, _fb=b"\x02\x00\x00\x00"), "psbt_version"),
        (changed(0, _fb=bytes(3)), "malformed_psbt"),
        (changed(0, _fb00=bytes(4)), "malformed_psbt"),
        (changed(0, **{"_01" + "02" * 78: bytes(8)}), ""),
        (changed(0, **{"_01" + "02" * 77: bytes(8)}), "malformed_psbt"),
        (changed(0, **{"_01" + "02" * 78: bytes(7)}), "malformed_psbt"),
        (changed(0, _fc0471756f720007=b"own"), ""),  # proprietary
        (changed(1, _fc0471756f720007=b"own"), ""),
        (changed(2, _f0=b"unknown"), ""),
        (changed(0, _fdfb00=b""), "malformed_psbt"),  # a field number that is not in its shortest form
        (changed(1, _03=b"\x01\x00\x00"), "malformed_psbt"),
        (changed(1, _0e=bytes(32)), "psbt_version"),
        (changed(2, _03=bytes(8)), "psbt_version"),
        (changed(1, _01=bytes(8) + b"\x00\x00"), "trailing_bytes"),
        (changed(1, _01=b"\xff" * 8 + b"\x00"), "malformed_transaction"),
        (changed(1, _16=b"\x00" + bytes(4)), "malformed_psbt"),
        (changed(1, **{"_16" + "11" * 32: b"\x02" + bytes(36)}), "malformed_psbt"),
        (changed(1, **{"_16" + "11" * 32: b"\x01" + bytes(36)}), ""),
        (changed(1, **{"_06" + "05" + "11" * 32: bytes(8)}), "malformed_psbt"),
        (changed(1, **{"_06" + "02" + "11" * 32: bytes(6)}), "malformed_psbt"),
    ],
)
def test_strictness(data: bytes, wanted: str) -> None:
    assert code(data) == wanted


def test_a_key_may_not_occur_twice() -> None:
    first = b"psbt\xff" + b"\x02\xf0\x01\x01\x05"
    assert code(first + b"\x02\xf0\x01\x01\x06" + DATA[5:]) == "duplicate_key"
    assert code(first + b"\x02\xf0\x02\x01\x06" + DATA[5:]) == ""


def test_all_fields_are_kept() -> None:
    data = changed(1, _f0aa=b"unknown", _fc0471756f7207=b"proprietary")
    map = psbt.read(data).inputs[0].map
    assert map[(0xF0, b"\xaa")] == b"unknown"
    assert map[(0xFC, bytes.fromhex("0471756f7207"))] == b"proprietary"
