"""TRANSFER of bitcoin: request body -> intent."""

import json
from typing import Any

import pytest

from quorate.core.chains.bitcoin import address
from quorate.core.chains.bitcoin.own import own_holdings
from quorate.core.dialects import fireblocks
from quorate.core.model.charter import parse
from quorate.core.model.intent import Intent
from tests.core import examples
from tests.core.dialects.requests import CERTIFICATES, CLAIMS
from tests.core.spec.generate.bitcoin import ACCOUNT, CHANGE, ON_MAINNET, PAYEE, SECOND

CHARTER = parse(examples.body(examples.example("charter", "with a Bitcoin chain")))
CAP = 50_000
BODY: dict[str, Any] = {
    "assetId": "BTC",
    "source": {"type": "VAULT_ACCOUNT", "id": "0"},
    "destination": {"type": "EXTERNAL_WALLET", "id": "partner-btc"},
    "amount": "0.0006",
}


def intent(**changes: object) -> Intent:
    body = json.dumps({**BODY, **changes}).encode()
    return fireblocks.to_intent(body, CLAIMS, CHARTER, CERTIFICATES)


def refusal(**changes: object) -> str:
    found = examples.refusal(lambda: intent(**changes))
    assert found is not None, "accepted"
    return found.code


def to(address: str) -> dict[str, object]:
    return {"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": address}}


def test_the_worked_example_of_the_spec() -> None:
    worked = examples.example("intent", "bitcoin transfer")
    assert intent().to_bytes() == examples.body(worked)
    assert intent().hash.hex() == worked["hash"]


def test_where_an_account_holds_coins() -> None:
    assert fireblocks.account_address(CHARTER, CERTIFICATES, "BTC", "0") == ACCOUNT
    held = fireblocks.holding_addresses(CHARTER, CERTIFICATES, "BTC", "0")
    key = CERTIFICATES["main-ecdsa"]
    own = own_holdings(key.public_key, key.chain_code, "regtest", 0)
    assert held == tuple(address.from_script(each.script, "regtest") for each in own)
    assert (held[:2], len(set(held))) == ((ACCOUNT, CHANGE), 8)
    evm = fireblocks.account_address(CHARTER, CERTIFICATES, "ETH_TEST", "0")
    assert fireblocks.holding_addresses(CHARTER, CERTIFICATES, "ETH_TEST", "0") == (evm,)


def test_deposit_addresses_are_of_every_kind() -> None:
    found = fireblocks.deposit_addresses(CHARTER, CERTIFICATES, "BTC", "0")
    assert list(found) == ["p2wpkh", "p2sh-p2wpkh", "p2pkh", "p2tr"]
    assert tuple(found.values()) == fireblocks.holding_addresses(CHARTER, CERTIFICATES, "BTC", "0")[::2]
    further = fireblocks.deposit_addresses(CHARTER, CERTIFICATES, "BTC", "0", 1)
    assert not set(found.values()) & set(further.values())
    assert further["p2wpkh"] == fireblocks.account_address(CHARTER, CERTIFICATES, "BTC", "0", 1)
    evm = fireblocks.account_address(CHARTER, CERTIFICATES, "ETH_TEST", "0")
    assert fireblocks.deposit_addresses(CHARTER, CERTIFICATES, "ETH_TEST", "0") == {"": evm}


@pytest.mark.parametrize(("account", "address"), [("0", ACCOUNT), ("1", SECOND)])
def test_own_accounts(account: str, address: str) -> None:
    """The payer itself is one: what goes there is a payment."""
    found = intent(destination={"type": "VAULT_ACCOUNT", "id": account})
    assert found.destination is not None
    assert (found.destination.type, found.destination.address) == ("own_account", address)
    assert found.path == (84, 1, 0, 0, 0)


def test_one_time_addresses() -> None:
    assert intent(destination=to(PAYEE)).effects == intent(destination=to(PAYEE.upper())).effects
    for other in (ON_MAINNET, PAYEE[:-1] + "8", PAYEE.title(), "bcrt1pfeesnyr2tx", "0x" + "11" * 20):
        assert refusal(destination=to(other)) == "bad_address"
    assert refusal(destination={**to(PAYEE), "oneTimeAddress": {"address": PAYEE, "tag": "7"}}) == (
        "unsupported_field"
    )


@pytest.mark.parametrize(
    ("written", "amount"), [("0.00000001", 1), ("21000000", 21 * 10**14), (0.5, 5 * 10**7), (1, 10**8)]
)
def test_amounts_have_eight_decimals(written: object, amount: int) -> None:
    assert intent(amount=written).amount == amount


def test_amounts_that_have_no_satoshi() -> None:
    assert refusal(amount="0.000000001") == "amount_fraction"
    assert refusal(amount="0") == "amount_range"


@pytest.mark.parametrize(
    ("fees", "ceiling"),
    [
        ({}, CAP),
        ({"networkFee": "0.00001"}, 1_000),
        ({"maxTotalFee": "0.00002", "networkFee": "0.00003"}, 2_000),
        ({"networkFee": "1"}, CAP),
        ({"feeLevel": "HIGH"}, CAP),
    ],
)
def test_fees_are_bounded_as_a_total(fees: dict[str, object], ceiling: int) -> None:
    assert intent(**fees).fee_ceiling == ceiling


@pytest.mark.parametrize("name", ["fee", "gasLimit", "gasPrice", "maxFee", "priorityFee"])
def test_what_is_no_total_is_refused(name: str) -> None:
    assert refusal(**{name: "10"}) == "unsupported_field"
    assert refusal(**{name: "10", "gasLimit": "21000"}) == "unsupported_field"


def test_a_whitelist_entry_of_another_chain() -> None:
    assert refusal(destination={"type": "EXTERNAL_WALLET", "id": "partner-test"}) == "unknown_destination"
