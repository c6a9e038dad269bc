"""What nodes say of themselves to `quorate dev`."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from quorate.client.dev import nodes
from quorate.client.dev.nodes import Node
from quorate.core.chains.solana.clusters import GENESIS
from quorate.core.chains.solana.programs.ids import SYSTEM, TOKEN, TOKEN_2022
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Chain
from tests.core.examples import charter
from tests.server.chains.front import Front, rpc

OWN = "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z"
OWNERS = {"a": TOKEN, "b": TOKEN_2022, "c": SYSTEM}
SOLANA = Chain("solana:localnet", "solana", 0, "main-eddsa", 501, "SOL", 1, 0)


@pytest.fixture
def node() -> Iterator[Front]:
    running = Front(rpc({}))
    yield running
    running.close()


def answers(node: Front, **methods: Any) -> str:
    node.answer = rpc(methods)
    return node.url


def test_an_evm_chain(node: Front) -> None:
    url = answers(node, eth_chainId="0x7a69")
    assert nodes.find({"evm": url}) == (Node("evm:31337", url),)


@pytest.mark.parametrize(("name", "genesis"), [*GENESIS.items(), ("localnet", OWN)])
def test_a_solana_cluster(node: Front, name: str, genesis: str) -> None:
    url = answers(node, getGenesisHash=genesis)
    own = OWN if name == "localnet" else None
    assert nodes.find({"solana": url}) == (Node(f"solana:{name}", url, own),)


def test_nodes_of_a_charter(node: Front) -> None:
    """Asked only for a genesis of one's own: a development chain that began again has another."""
    url = answers(node, getGenesisHash=OWN)
    chains = (*charter().chains[:1], SOLANA)
    found = nodes.of_charter({"evm": "http://nobody", "solana": url}, replace(charter(), chains=chains))
    assert found == (Node("evm:1", "http://nobody"), Node("solana:localnet", url, OWN))
    assert nodes.of_charter({}, charter()) == ()


def test_programs_of_tokens(node: Front) -> None:
    url = answers(
        node,
        getAccountInfo=lambda key, _: {"value": {"owner": OWNERS[key]} if key in OWNERS else None},
    )
    urls = {"solana": url}
    known = [nodes.standard(urls, "solana:localnet", mint) for mint in ("a", "b", "new")]
    assert known == ["spl", "token2022", "spl"]
    assert nodes.standard(urls, "evm:1", "a") is None
    with pytest.raises(QuorateError, match="no mint"):
        nodes.standard(urls, "solana:localnet", "c")


@pytest.mark.parametrize(("family", "method"), [("evm", "eth_chainId"), ("solana", "getGenesisHash")])
def test_nonsense(node: Front, family: str, method: str) -> None:
    with pytest.raises(QuorateError):
        nodes.find({family: answers(node, **{method: 7})})
