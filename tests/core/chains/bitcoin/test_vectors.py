"""Every PSBT of the incidents and of the good cases: effects and digests, exactly."""

import base64
from typing import Any

import pytest

from quorate.core.chains.bitcoin.decode import decode_psbt
from quorate.core.chains.bitcoin.to_sign import to_sign
from quorate.core.chains.bitcoin.wallet_json import from_json
from quorate.core.errors import QuorateError
from tests.core.chains.bitcoin.support import item_bytes, psbt_items
from tests.core.vectors import third_party

ALWAYS = {"rbf"}
"""Effects that this decoder reports of every transaction; the vectors name them where they are the point."""


def known(effects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """An amount that is not known is null in the vectors and absent here."""
    return [{key: value for key, value in effect.items() if value is not None} for effect in effects]


def test_every_item() -> None:
    items = psbt_items()
    effects = digests = 0
    for name, context, item in items:
        document = decode_psbt(item_bytes(item), from_json(context, "mainnet"), "mainnet").to_json()
        found, expected = document["effects"], known(item["expected"]["effects"])
        assert [e for e in found if e["type"] not in ALWAYS or e in expected] == expected, name
        assert sum(effect["type"] == "rbf" for effect in found) == 1
        assert document["chain"] == {"family": "bitcoin", "network": "mainnet"}
        without = [{k: v for k, v in digest.items() if k != "algorithm"} for digest in document["digests"]]
        assert without == item["digests"], name
        effects, digests = effects + len(expected), digests + len(without)
    assert (len(items), effects, digests) == (21, 74, 27)


def test_the_copies_are_the_shared_files() -> None:
    """Items of the third-party folder are these, so that nothing was left behind in it."""
    names = ("good/bitcoin-psbt.json", "good/bitcoin-p2wsh.json", "incidents/bitcoin-change-replaced.json")
    names += ("incidents/bitcoin-segwit-fee-attack.json", "incidents/bitcoin-sighash-flags.json")
    shared = {
        item["bytes"]
        for name in (*names, "incidents/dmm-2024-altered-destination.json")
        for document in [third_party(name)]
        for case in document.get("cases", [document])
        for item in case["items"]
    }
    assert shared == {item["bytes"] for _, _, item in psbt_items()}


REFUSED = {
    "bitcoin-segwit-fee-attack/0": "blind",
    "bitcoin-segwit-fee-attack/1": "blind",
    "bitcoin-segwit-fee-attack/2": "inconsistent",
    **{f"bitcoin-sighash-flags/{number}": "sighash_flags" for number in range(5)},
    "p2wsh-2of3/0": "not_a_cosigner",  # the context does not say which of the three keys is ours
}


def test_what_there_is_to_sign() -> None:
    """A signer's request has the digests of the vectors, or there is none."""
    refused, signed = {}, 0
    for name, context, item in psbt_items():
        wallet = from_json(context, "mainnet")
        assert wallet is not None
        try:
            request = to_sign(item_bytes(item), wallet, "mainnet")
        except QuorateError as error:
            refused[name] = error.code
            continue
        assert ["0x" + i.digest.hex() for i in request.inputs] == [d["value"] for d in item["digests"]]
        fee = next(e["amount"] for e in item["expected"]["effects"] if e["type"] == "fee")
        assert str(request.fee) == fee
        signed += len(request.inputs)
    assert refused == REFUSED
    assert signed == 15


def test_a_cosigner_signs_under_its_own_path() -> None:
    _, context, item = next(found for found in psbt_items() if found[0] == "p2wsh-2of3/0")
    for key in context["wallet_policy"]["keys"]:
        wallet = from_json({**context, "wallet": {"fingerprint": key["fingerprint"]}}, "mainnet")
        assert wallet is not None
        (only,) = to_sign(item_bytes(item), wallet, "mainnet").inputs
        assert "0x" + only.digest.hex() == item["digests"][0]["value"]
        assert only.path[4:] == (0, 2)
        assert only.public_key in item_bytes(item)


def test_without_a_wallet_nothing_is_change() -> None:
    for name, _, item in psbt_items():
        found = decode_psbt(item_bytes(item), None, "mainnet").effects
        expected = known(item["expected"]["effects"])
        moved = [e for e in expected if e["type"] in ("native_transfer", "change")]
        assert [(e["to"], e["amount"]) for e in found if e["type"] == "native_transfer"] == [
            (e["to"], e["amount"]) for e in moved
        ], name
        assert not any(effect["type"] == "change" for effect in found)


def test_addresses_follow_the_network() -> None:
    item = psbt_items()[0][2]
    starts = {"mainnet": "bc1q", "testnet": "tb1q", "signet": "tb1q", "regtest": "bcrt1q"}
    for network, start in starts.items():
        found = decode_psbt(item_bytes(item), None, network).effects
        assert all(str(e["to"]).startswith(start) for e in found if e["type"] == "native_transfer")
    with pytest.raises(QuorateError) as error:
        decode_psbt(item_bytes(item), None, "litecoin")
    assert error.value.code == "network"


def test_base64_is_not_a_psbt() -> None:
    with pytest.raises(QuorateError) as error:
        decode_psbt(base64.b64encode(item_bytes(psbt_items()[0][2])), None, "mainnet")
    assert error.value.code == "malformed_psbt"
