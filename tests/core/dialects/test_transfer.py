"""TRANSFER: request body -> intent."""

import json
from decimal import Decimal
from typing import Any

import pytest
from bip_utils import Bip44, Bip44Changes, Bip44Coins
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.chains import hd
from quorate.core.chains.evm.address import from_public_key
from quorate.core.dialects import fireblocks
from quorate.core.errors import QuorateError
from quorate.core.model.intent import Destination, Effect, Intent, Source, request_id
from quorate.core.model.records import KeyCertificate
from tests.core import examples
from tests.core.dialects.requests import CAP, CERTIFICATES, CHARTER, CLAIMS, intent, refusal, transfer
from tests.core.spec.generate.world import CLUSTER, NOW, TOKEN_CONTRACT, USER, WHITELISTED


def test_native_coin_to_a_one_time_address() -> None:
    found = intent(transfer(externalTxId="payout-1", note="ignored"))
    assert found == Intent(
        cluster=CLUSTER,
        charter=CHARTER.hash,
        dialect="fireblocks",
        request_id=request_id(USER, CLAIMS.nonce),
        user=USER,
        external_id="payout-1",
        operation="TRANSFER",
        source=Source("0"),
        destination=Destination("one_time", None, WHITELISTED),
        asset="ETH_TEST",
        amount=1_500_000_000_000_000_000,
        key="main-ecdsa",
        chain="evm:31337",
        path=(44, 60, 0, 0, 0),
        effects=(Effect("native_transfer", WHITELISTED, 1_500_000_000_000_000_000),),
        messages=(),
        fee_ceiling=CAP,
        created_at=NOW,
        expires_at=NOW + 3600,
    )
    assert Intent.from_bytes(found.to_bytes()) == found


def test_the_worked_example_of_the_spec() -> None:
    body = {
        "assetId": "USDC", "source": {"type": "VAULT_ACCOUNT", "id": "0"},
        "destination": {"type": "EXTERNAL_WALLET", "id": "partner-test"}, "amount": "1.5",
        "externalTxId": "payout-4711",
    }  # fmt: skip
    worked = examples.example("intent", "token transfer")
    assert intent(body).to_bytes() == examples.body(worked)
    assert intent(body).hash.hex() == worked["hash"]


def test_token() -> None:
    found = intent(transfer(assetId="USDC", amount="0.000001"))
    assert found.effects == (Effect("token_transfer", WHITELISTED, 1, TOKEN_CONTRACT),)
    assert (found.amount, found.asset, found.chain) == (1, "USDC", "evm:31337")


@pytest.mark.parametrize("kind", ["EXTERNAL_WALLET", "INTERNAL_WALLET"])
def test_whitelisted_wallet(kind: str) -> None:
    found = intent(transfer(destination={"type": kind, "id": "partner-test"}))
    assert found.destination == Destination("whitelist", "partner-test", WHITELISTED)


def test_own_account_is_derived_from_the_certificate() -> None:
    found = intent(
        transfer(
            destination={"type": "VAULT_ACCOUNT", "id": "7"}, source={"type": "VAULT_ACCOUNT", "id": "3"}
        )
    )
    address = fireblocks.account_address(CHARTER, CERTIFICATES, "ETH_TEST", "7")
    assert found.destination == Destination("own_account", "7", address)
    assert found.path == (44, 60, 3, 0, 0)
    assert address == fireblocks.account_address(CHARTER, CERTIFICATES, "USDC", "7", 0)
    assert address != fireblocks.account_address(CHARTER, CERTIFICATES, "ETH_TEST", "7", 1)


def test_addresses_are_those_of_an_independent_wallet() -> None:
    """The public root below m/44'/60' of a mnemonic, then account/0/index, compared with bip-utils."""
    seed = bytes(range(64))
    coin = Bip44.FromSeed(seed, Bip44Coins.ETHEREUM).Purpose().Coin()
    account = coin.Account(0).Change(Bip44Changes.CHAIN_EXT)
    # bip-utils hardens the account, which our paths do not; so the comparison starts below it.
    parent = account.Bip32Object()
    for index in (0, 1, 2**31 - 1):
        child = hd.derive(
            "secp256k1",
            parent.PublicKey().RawCompressed().ToBytes(),
            parent.ChainCode().ToBytes(),
            (index,),
        )
        assert from_public_key(child) == account.AddressIndex(index).PublicKey().ToAddress()


def test_own_account_before_the_key_exists() -> None:
    body = json.dumps(transfer(destination={"type": "VAULT_ACCOUNT", "id": "7"})).encode()
    with pytest.raises(QuorateError) as caught:
        fireblocks.to_intent(body, CLAIMS, CHARTER, dict[str, KeyCertificate]())
    assert (caught.value.code, caught.value.whose) == ("key_missing", "state")


def test_account_address_of_an_unknown_asset() -> None:
    for arguments, code in (
        (("BTC", "0"), "unknown_asset"),
        (("ETH", "00"), "identifier"),
        (("ETH", "-1"), "identifier"),
    ):
        error = examples.refusal(fireblocks.account_address, CHARTER, CERTIFICATES, *arguments)
        assert error is not None
        assert error.code == code


# -- amounts


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ('"1"', 10**6), ('"1.000000"', 10**6), ('"0.000001"', 1), ("2", 2 * 10**6), ("2.5", 2_500_000),
        ("1e-6", 1),
        ("1E2", 10**8), ("0.10", 10**5),
        ("123456789012345678901234567890.5", 123456789012345678901234567890500000),
        ('"1.50000000000"', 1_500_000), ("1.50000000000", 1_500_000),
    ],
)  # fmt: skip
def test_amounts_are_exact(written: str, amount: int) -> None:
    body = json.dumps(transfer(assetId="USDC", amount="AMOUNT")).replace('"AMOUNT"', written).encode()
    assert intent(body).amount == amount


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ('"0"', "amount_range"), ("0", "amount_range"), ("0.0", "amount_range"),
        ('"0.000"', "amount_range"),
        ('"-1"', "amount_form"), ("-1", "amount_form"), ("-0.5", "amount_form"), ('"+1"', "amount_form"),
        ('"1e3"', "amount_form"), ('"1,5"', "amount_form"), ('" 1"', "amount_form"),
        ('"01"', "amount_form"),
        ('".5"', "amount_form"), ('"5."', "amount_form"), ('""', "amount_form"), ('"0x10"', "amount_form"),
        ('"١"', "amount_form"), ('"NaN"', "amount_form"), ('"Infinity"', "amount_form"),
        ('"0.0000001"', "amount_fraction"), ("0.0000001", "amount_fraction"), ("1e-7", "amount_fraction"),
        ("1e-99999999", "amount_fraction"), ("1e99999999", "amount_range"),
        ("1e9999999999999999999", "malformed_body"),
        ('"' + "9" * 78 + '"', "amount_range"), ("9" * 100, "amount_range"), (str(2**256), "amount_range"),
        ("9" * 5000, "malformed_body"), ("NaN", "malformed_body"), ("Infinity", "malformed_body"),
        ("true", "wrong_type"), ("[]", "wrong_type"), ("{}", "wrong_type"), ("null", "missing_field"),
    ],
)  # fmt: skip
def test_amounts_refused(written: str, code: str) -> None:
    body = json.dumps(transfer(assetId="USDC", amount="AMOUNT")).replace('"AMOUNT"', written).encode()
    assert refusal(body).code == code


def test_largest_amount() -> None:
    assert (
        intent(transfer(amount=f"{(2**256 - 1) // 10**18}.{(2**256 - 1) % 10**18:018}")).amount == 2**256 - 1
    )
    assert refusal(transfer(amount=f"{2**256 // 10**18}.{2**256 % 10**18:018}")).code == "amount_range"


@given(st.integers(1, 2**256 - 1), st.sampled_from(["text", "number"]))
def test_amount_round_trip(amount: int, form: str) -> None:
    text = (
        format(Decimal(amount).scaleb(-18), "f")
        if amount < 10**27
        else f"{amount // 10**18}.{amount % 10**18:018}"
    )
    written = f'"{text}"' if form == "text" else text
    body = json.dumps(transfer(amount="AMOUNT")).replace('"AMOUNT"', written).encode()
    assert intent(body).amount == amount


# -- fee ceiling


@pytest.mark.parametrize(
    ("fields", "ceiling"),
    [
        ({}, CAP), ({"feeLevel": "HIGH"}, CAP), ({"failOnLowFee": False}, CAP),
        ({"networkFee": "0.001"}, 10**15),
        ({"networkFee": 0.001}, 10**15), ({"networkFee": "1000"}, CAP),
        ({"maxTotalFee": "0.002"}, 2 * 10**15),
        ({"gasPrice": "20", "gasLimit": "21000"}, 420_000 * 10**9),
        ({"gasPrice": 20, "gasLimit": 21000}, 420_000 * 10**9),
        ({"maxFee": "1.5", "gasLimit": "21000", "priorityFee": "1"}, 31_500 * 10**9),
        ({"networkFee": "0.001", "gasLimit": "21000"}, 10**15),
        ({"networkFee": "0.001", "priorityFee": "2"}, 10**15),
        ({"networkFee": "0.001", "maxFee": "1", "gasLimit": "21000"}, 21_000 * 10**9),
    ],
)  # fmt: skip
def test_fee_ceiling(fields: dict[str, Any], ceiling: int) -> None:
    assert intent(transfer(**fields)).fee_ceiling == ceiling


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"gasPrice": "20"}, "unsupported_field"), ({"maxFee": "20"}, "unsupported_field"),
        ({"gasLimit": "21000"}, "unsupported_field"), ({"priorityFee": "1"}, "unsupported_field"),
        ({"fee": "1"}, "unsupported_field"), ({"failOnLowFee": True}, "unsupported_field"),
        ({"feeLevel": "FAST"}, "wrong_type"), ({"feeLevel": 1}, "wrong_type"),
        ({"networkFee": "0"}, "amount_range"),
        ({"networkFee": "-1"}, "amount_form"), ({"networkFee": "0.0000000000000000001"}, "amount_fraction"),
        ({"networkFee": True}, "wrong_type"),
        ({"gasPrice": "1.0000000001", "gasLimit": "1"}, "amount_fraction"),
        ({"gasPrice": "1", "gasLimit": "1.5"}, "amount_fraction"),
        ({"gasPrice": "1", "gasLimit": "0"}, "amount_range"),
        ({"gasPrice": "1", "gasLimit": str(2**60)}, "amount_range"),
        ({"networkFee": "1", "priorityFee": "x"}, "amount_form"),
    ],
)  # fmt: skip
def test_fees_refused(fields: dict[str, Any], code: str) -> None:
    assert refusal(transfer(**fields)).code == code


# -- peers

ONE_TIME = {"address": WHITELISTED}


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (None, "missing_field"), ([], "wrong_type"), ({}, "missing_field"),
        ({"type": "VAULT_ACCOUNT"}, "missing_field"),
        ({"type": "EXCHANGE_ACCOUNT", "id": "0"}, "unsupported_source"),
        ({"type": 1, "id": "0"}, "wrong_type"),
        ({"type": "VAULT_ACCOUNT", "id": 0}, "identifier"),
        ({"type": "VAULT_ACCOUNT", "id": "00"}, "identifier"),
        ({"type": "VAULT_ACCOUNT", "id": "-1"}, "identifier"),
        ({"type": "VAULT_ACCOUNT", "id": "2147483648"}, "identifier"),
        ({"type": "VAULT_ACCOUNT", "id": "0", "subType": "BINANCE"}, "unsupported_field"),
        ({"type": "VAULT_ACCOUNT", "id": "0", "walletId": "1"}, "unsupported_field"),
        ({"type": "VAULT_ACCOUNT", "id": "0", "isCollateral": True}, "unsupported_field"),
        ({"type": "VAULT_ACCOUNT", "id": "0", "name": 5}, "wrong_type"),
        ({"type": "VAULT_ACCOUNT", "id": "0", "other": 5}, "unknown_field"),
    ],
)  # fmt: skip
def test_sources_refused(source: Any, code: str) -> None:
    assert refusal(transfer(source=source)).code == code


@pytest.mark.parametrize(
    ("destination", "code"),
    [
        (None, "missing_field"), ("0", "wrong_type"), ({"id": "0"}, "missing_field"),
        ({"type": "EXTERNAL_WALLET"}, "missing_field"),
        ({"type": "EXTERNAL_WALLET", "id": "nobody"}, "unknown_destination"),
        ({"type": "EXTERNAL_WALLET", "id": "partner"}, "unknown_destination"),
        ({"type": "CONTRACT", "id": "partner-test"}, "unsupported_destination"),
        ({"type": "EXCHANGE_ACCOUNT", "id": "0"}, "unsupported_destination"),
        ({"type": "VAULT_ACCOUNT", "id": "x"}, "identifier"),
        ({"type": "VAULT_ACCOUNT", "id": "0", "oneTimeAddress": ONE_TIME}, "unsupported_field"),
        ({"type": "ONE_TIME_ADDRESS"}, "missing_field"),
        ({"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {}}, "missing_field"),
        ({"type": "ONE_TIME_ADDRESS", "id": "1", "oneTimeAddress": ONE_TIME}, "unsupported_field"),
    ],
)  # fmt: skip
def test_destinations_refused(destination: Any, code: str) -> None:
    assert refusal(transfer(destination=destination)).code == code


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (WHITELISTED, ""), (WHITELISTED.lower(), ""), (WHITELISTED.upper(), "bad_address"),
        ("0x" + WHITELISTED[2:].upper(), "bad_address"),
        (WHITELISTED.swapcase().replace("X", "x"), "bad_address"),
        (WHITELISTED[:-1], "bad_address"), (WHITELISTED + "0", "bad_address"),
        (WHITELISTED[2:], "bad_address"),
        (" " + WHITELISTED, "bad_address"), ("vitalik.eth", "bad_address"), ("", "bad_address"),
        (5, "wrong_type"),
        ("0x" + "g" * 40, "bad_address"), ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "bad_address"),
    ],
)  # fmt: skip
def test_one_time_addresses(address: Any, code: str) -> None:
    body = transfer(destination={"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": address}})
    if code:
        assert refusal(body).code == code
    else:
        assert intent(body).destination == Destination("one_time", None, WHITELISTED)


def test_tag() -> None:
    def body(tag: Any) -> dict[str, Any]:
        peer = {"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": WHITELISTED, "tag": tag}}
        return transfer(destination=peer)

    assert intent(body(None)) == intent(body(""))
    assert refusal(body("1234")).code == "unsupported_field"


def test_unknown_asset() -> None:
    for asset in ("BTC", "eth", "", "ETH_TEST "):
        assert refusal(transfer(assetId=asset)).code == "unknown_asset"
    assert refusal(transfer(assetId=None)).code == "missing_field"
    assert refusal(transfer(assetId=5)).code == "wrong_type"
