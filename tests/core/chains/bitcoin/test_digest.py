"""Digests against BIP143 and BIP341; what no official vector covers is settled by test_signed.py."""

from collections.abc import Sequence
from typing import Any

import pytest

from quorate.core.chains.bitcoin.digest import Digests
from quorate.core.chains.bitcoin.hashes import tagged_hash
from quorate.core.chains.bitcoin.script import tap_output
from quorate.core.chains.bitcoin.transaction import Transaction, TxOut, read_unsigned
from quorate.core.errors import QuorateError
from tests.core.vectors import third_party


def test_bip143() -> None:
    """Script code, amount and hash type are read off the printed preimage; the rest is of the transaction.

    The file prints the first transaction of its last section with both cases of it; they differ in the
    outpoint alone, which is read off the preimage too.
    """
    document = third_party("good/bip143-official.json")
    checked = corrected = 0
    for case in document["cases"]:
        data, preimage = bytes.fromhex(case["unsigned_tx"]), bytes.fromhex(case["preimage"])
        outpoint, end = preimage[68:104], len(preimage) - 52
        if outpoint not in data:
            data, corrected = data[:5] + outpoint + data[41:], corrected + 1
        tx = read_unsigned(data)
        index = [i.outpoint.txid + i.outpoint.vout.to_bytes(4, "little") for i in tx.inputs].index(outpoint)
        code = preimage[104 + (1 if preimage[104] < 0xFD else 3) : end]
        amount = int.from_bytes(preimage[end : end + 8], "little")
        sighash = int.from_bytes(preimage[-4:], "little")
        assert Digests(tx).bip143(index, code, amount, sighash).hex() == case["sighash"]
        checked += 1
    assert (checked, corrected) == (document["count"], 1) == (14, 1)


def bip341() -> tuple[Transaction, Sequence[TxOut], dict[str, Any]]:
    document = third_party("good/bip341-wallet-official.json")
    assert (document["count_scriptPubKey"], document["count_keyPathSpending_inputs"]) == (7, 7)
    (case,) = document["vectors"]["keyPathSpending"]
    spent = [TxOut(o["amountSats"], bytes.fromhex(o["scriptPubKey"])) for o in case["given"]["utxosSpent"]]
    return read_unsigned(bytes.fromhex(case["given"]["rawUnsignedTx"])), spent, case


def test_bip341_key_path() -> None:
    tx, spent, case = bip341()
    digests, checked = Digests(tx, spent), 0
    for item in case["inputSpending"]:
        given = item["given"]
        assert digests.bip341(given["txinIndex"], given["hashType"]).hex() == item["intermediary"]["sigHash"]
        checked += 1
    assert checked == 7


def test_bip341_output_keys() -> None:
    """Only keys without scripts are used here; the tweaks of the others check the tagged hash."""
    vectors = third_party("good/bip341-wallet-official.json")["vectors"]["scriptPubKey"]
    bare = 0
    for vector in vectors:
        given, found = vector["given"], vector["intermediary"]
        key = bytes.fromhex(given["internalPubkey"])
        root = bytes.fromhex(found["merkleRoot"] or "")
        assert tagged_hash("TapTweak", key + root).hex() == found["tweak"]
        if not root:
            tweak, output = tap_output(b"\x03" + key)
            assert (tweak.hex(), output.hex()) == (found["tweak"], found["tweakedPubkey"])
            bare += 1
    assert (bare, len(vectors)) == (1, 7)


@pytest.mark.parametrize("sighash", [0x04, 0x80, 0x84, 0xFF, 0x101])
def test_types_that_do_not_exist(sighash: int) -> None:
    tx, spent, _ = bip341()
    digests = Digests(tx, spent)
    for make in (
        lambda: digests.legacy(0, b"", sighash),
        lambda: digests.bip143(0, b"", 0, sighash),
        lambda: digests.bip341(0, sighash),
    ):
        with pytest.raises(QuorateError) as error:
            make()
        assert error.value.code == "sighash"


def test_single_without_an_output_is_refused() -> None:
    """Before segwit such a signature is good for every transaction; BIP143 hashes zeros instead."""
    tx, spent, _ = bip341()
    digests = Digests(tx, spent)
    for sighash in (0x03, 0x83):
        for make in (digests.bip341, lambda index, kind: digests.legacy(index, b"", kind)):
            with pytest.raises(QuorateError) as error:
                make(2, sighash)
            assert error.value.code == "sighash"
        assert len(digests.bip143(2, b"", 0, sighash)) == 32


def test_taproot_needs_every_output_that_is_spent() -> None:
    tx, spent, _ = bip341()
    digests = Digests(tx, [*spent[:-1], None])
    with pytest.raises(QuorateError) as error:
        digests.bip341(0, 0)
    assert error.value.code == "spent_output"
    assert digests.bip341(0, 0x81) == Digests(tx, spent).bip341(0, 0x81)
