"""What `quorate dev` and a charter draft make of a TRON node, tokens and addresses."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from quorate.client.dev import options, people, tron
from quorate.core.chains import addresses
from quorate.core.chains.tron.networks import CHAINS, GENESIS
from quorate.core.errors import QuorateError
from quorate.server.chains import networks
from tests.server.chains.front import as_json, front

USDT, PAYEE = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "TBjVnRoLcoCyhkXLCcmtsqsADjxiRY5Dke"
TOKEN = options.Token("USDT", "tron:localnet", USDT, 6)


@pytest.mark.parametrize("network", CHAINS)
def test_a_token_and_a_whitelist_entry(network: str) -> None:
    assert options.token(f"USDT:tron:{network}:{USDT}:6") == options.Token("USDT", f"tron:{network}", USDT, 6)
    assert options.whitelisted(f"tron:{network}:{PAYEE}") == (f"tron:{network}", PAYEE)


@pytest.mark.parametrize(
    "place",
    [
        f"tron:{PAYEE}",
        f"tron:shastanet:{PAYEE}",
        f"tron:nile:{PAYEE[:-1]}",
        f"tron:nile:{PAYEE.lower()}",
        "tron:nile:0x" + "11" * 20,
        "tron:nile:41" + "11" * 20,
        f"evm:1:{PAYEE}",
    ],
)
def test_no_address_of_a_tron_chain(place: str) -> None:
    with pytest.raises(QuorateError):
        options.whitelisted(place)
    with pytest.raises(QuorateError):
        options.token(f"USDT:{place}:6")


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"blockID": GENESIS["mainnet"]}, ("tron:mainnet", None)),
        ({"blockID": GENESIS["nile"]}, ("tron:nile", None)),
        ({"blockID": GENESIS["shasta"]}, ("tron:shasta", None)),
        ({"blockID": "5a" * 32}, ("tron:localnet", "5a" * 32)),
    ],
)
def test_networks_are_known_by_their_first_block(
    answer: dict[str, Any], found: tuple[str, str | None]
) -> None:
    with front(lambda asked: as_json(answer)) as node:
        assert tron.chain_of(node.url) == found
        assert (node.asked[0].path, node.asked[0].json) == ("/wallet/getblockbynum", {"num": 0})


@pytest.mark.parametrize("answer", [{}, {"blockID": None}, {"blockID": "5a"}, {"blockID": "0x" + "5a" * 32}])
def test_a_node_that_tells_none(answer: dict[str, Any]) -> None:
    with front(lambda asked: as_json(answer)) as node, pytest.raises(QuorateError) as error:
        tron.chain_of(node.url)
    assert error.value.code == "chain"
    with pytest.raises(QuorateError) as error:
        tron.chain_of(node.url)
    assert error.value.code == "unreachable"


def test_the_server_knows_the_same_networks() -> None:
    assert {name: networks.GENESIS["tron", name] for name in GENESIS} == GENESIS
    assert addresses.FORMS["tron"].networks == CHAINS


def test_trx_comes_with_the_chain() -> None:
    asked = options.Options(
        Path("c"), None, 3, 2, None, (TOKEN,), (("tron:localnet", PAYEE),), tron="http://n"
    )
    users = {"requester": "user-1", "viewer": "user-2"}
    draft = yaml.safe_load(people.draft(asked, ["tron:localnet"], users))
    assert draft["chains"] == [
        {"id": "tron:localnet", "key": "main-secp256k1", "native_asset": "TRX", "fee_cap": "100 TRX"}
    ]
    assert [(a["id"], a["decimals"], a.get("contract")) for a in draft["assets"]] == [
        ("TRX", 6, None),
        ("USDT", 6, USDT),
    ]
    policy = yaml.safe_load(people.policy(asked, "user-1", ["tron:localnet"]))
    assert [rule.get("max_amount") for rule in policy["rules"]] == ["10000 TRX", "10000 USDT", None]
    assert asked.urls == {"tron": "http://n"}
