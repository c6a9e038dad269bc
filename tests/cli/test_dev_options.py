"""What `quorate dev` and a charter draft make of what people type."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from quorate.client.ceremony.draft import smallest_unit
from quorate.client.dev import bitcoin, options, people
from quorate.core.chains.bitcoin.networks import NETWORKS
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Asset
from tests.server.chains.front import front as serving
from tests.server.chains.front import rpc, text
from tests.server.chains.kernel import Kernel
from tests.server.chains.kernel_front import nodes

CONTRACT = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
WALLET = "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z"
ETH = Asset("ETH", "Ether", "evm:1", None, 18)


@pytest.mark.parametrize("chain", ["31337", "evm:31337"])
def test_a_token(chain: str) -> None:
    expected = options.Token("USDX", "evm:31337", CONTRACT, 6)
    assert options.token(f"USDX:{chain}:{CONTRACT.lower()}:6") == expected


@pytest.mark.parametrize(
    "text", ["", "USDX", f"USDX:{CONTRACT}:6", f"USDX:1:{CONTRACT}", f"USDX:tron:{CONTRACT}:6"]
)
def test_no_token(text: str) -> None:
    with pytest.raises(QuorateError):
        options.token(text)


def test_a_whitelist_entry() -> None:
    assert options.whitelisted(f"evm:1:{CONTRACT}") == ("evm:1", CONTRACT)
    assert options.whitelisted(f"solana:localnet:{WALLET}") == ("solana:localnet", WALLET)
    for entry in (CONTRACT, f"solana:localnet:{'1' * 32}", f"solana:localnet:{WALLET[:-1]}"):
        with pytest.raises(QuorateError):
            options.whitelisted(entry)


def test_a_mint_needs_no_key() -> None:
    mint = "1" * 32
    assert options.token(f"T:solana:devnet:{mint}:9") == options.Token("T", "solana:devnet", mint, 9)


PAYEE = "bcrt1qsy0kj864stxjgkx774n4wk3suep6cf0tx3d777"


def test_a_whitelist_entry_on_bitcoin() -> None:
    for address in (PAYEE, PAYEE.upper()):
        assert options.whitelisted(f"bitcoin:regtest:{address}") == ("bitcoin:regtest", PAYEE)
    for entry in (
        f"bitcoin:mainnet:{PAYEE}",
        f"bitcoin:{PAYEE}",
        f"bitcoin:31337:{PAYEE}",
        "bitcoin:regtest:",
    ):
        with pytest.raises(QuorateError):
            options.whitelisted(entry)


def made(*chains: str, tokens: tuple[options.Token, ...] = ()) -> tuple[dict[str, Any], dict[str, Any]]:
    """Draft and policy of a dev cluster."""
    asked = options.Options(Path("c"), None, 3, 2, None, tokens, (("bitcoin:regtest", PAYEE),))
    users = {"requester": "user-1", "viewer": "user-2"}
    return yaml.safe_load(people.draft(asked, chains, users)), yaml.safe_load(
        people.policy(asked, "user-1", chains)
    )


def test_each_chain_brings_its_native_coin() -> None:
    token = options.Token("USDX", "evm:31337", CONTRACT, 6)
    draft, policy = made("evm:31337", "bitcoin:regtest", tokens=(token,))
    assert [(a["id"], a["chain"], a["decimals"]) for a in draft["assets"]] == [
        ("ETH", "evm:31337", 18), ("BTC", "bitcoin:regtest", 8), ("USDX", "evm:31337", 6),
    ]  # fmt: skip
    assert [(c["id"], c["native_asset"], c["fee_cap"]) for c in draft["chains"]] == [
        ("evm:31337", "ETH", "0.05 ETH"), ("bitcoin:regtest", "BTC", "0.001 BTC"),
    ]  # fmt: skip
    limits = [rule["max_amount"] for rule in policy["rules"] if "max_amount" in rule]
    assert limits == ["10 ETH", "10 BTC", "10000 USDX"]
    assert made()[0]["chains"] == []


@pytest.mark.parametrize("kind", ["core", "esplora"])
def test_a_source_says_which_bitcoin_network_it_is_of(tmp_path: Path, kind: str) -> None:
    with nodes(Kernel(tmp_path), kind) as (url, front):
        assert bitcoin.chain_of(url) == ("bitcoin:regtest", None)
        secret = url.replace("http://", "http://user:p%40ss@")
        assert bitcoin.chain_of(secret) == ("bitcoin:regtest", None)
        assert front.asked[-1].authorization == "Basic dXNlcjpwQHNz"
    with pytest.raises(QuorateError, match="unreachable") as raised:
        bitcoin.chain_of(secret)
    assert "p%40ss" not in str(raised.value)


@pytest.mark.parametrize(
    ("genesis", "found"),
    [
        (NETWORKS["mainnet"].genesis, ("bitcoin:mainnet", None)),
        (NETWORKS["testnet4"].genesis, ("bitcoin:testnet4", None)),
        ("5a" * 32, ("bitcoin:regtest", "5a" * 32)),
    ],
)
def test_networks_are_known_by_their_first_block(genesis: str, found: tuple[str, str | None]) -> None:
    with serving(lambda asked: text(genesis)) as front:
        assert bitcoin.chain_of(f"esplora+{front.url}") == found
    with serving(rpc({"getblockhash": lambda height: genesis})) as front:
        assert bitcoin.chain_of(front.url) == found


def test_a_source_that_tells_no_hash_names_no_chain() -> None:
    with serving(lambda asked: text("nonsense")) as front, pytest.raises(QuorateError, match="chain"):
        bitcoin.chain_of(f"esplora+{front.url}")


@pytest.mark.parametrize(
    ("text", "amount"),
    [("0.05 ETH", 5 * 10**16), ("1 ETH", 10**18), ("17", 17), ("0.000000000000000001 ETH", 1), ("0 ETH", 0)],
)
def test_amounts_are_exact(text: str, amount: int) -> None:
    assert smallest_unit(text, ETH) == amount


@pytest.mark.parametrize(
    "text", ["", "ETH", "1 BTC", "-1 ETH", "1.5", "0.0000000000000000001 ETH", "NaN ETH", "inf ETH"]
)
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(QuorateError) as error:
        smallest_unit(text, ETH)
    assert error.value.code == "amount"
