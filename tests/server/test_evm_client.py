"""The chain client against nodes that misbehave, each in one way."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from quorate.core.errors import QuorateError
from quorate.server.chains.evm_client import EvmClient
from tests.judge.cluster import SHOP, Cluster

GOOD, BAD = "http://good", "http://bad"
Node = Callable[[str, list[Any]], Any]


class NodeError(Exception):
    """The node's own refusal."""


def honest(method: str, params: list[Any]) -> Any:
    return {
        "eth_chainId": hex(31337),
        "eth_getTransactionCount": "0x5",
        "eth_sendRawTransaction": "0x00",
    }.get(method)


def client(cluster: Cluster, nodes: dict[str, Node], *urls: str) -> EvmClient:
    def handle(request: httpx2.Request) -> httpx2.Response:
        call = json.loads(request.content)
        try:
            result = nodes[f"{request.url.scheme}://{request.url.host}"](call["method"], call["params"])
        except NodeError as refusal:
            return httpx2.Response(
                200, json={"id": call["id"], "error": {"code": -32000, "message": str(refusal)}}
            )
        if isinstance(result, httpx2.Response):
            return result
        return httpx2.Response(200, json={"id": call["id"], "result": result})

    http = httpx2.AsyncClient(transport=httpx2.MockTransport(handle))
    return EvmClient(cluster.charter.chains[0], urls, http)


def unreachable(method: str, params: list[Any]) -> Any:
    raise httpx2.ConnectError("refused")


def of_another_chain(method: str, params: list[Any]) -> Any:
    return "0x1" if method == "eth_chainId" else honest(method, params)


def refusing_broadcasts(method: str, params: list[Any]) -> Any:
    if method == "eth_sendRawTransaction":
        raise NodeError("already known")
    return honest(method, params)


def knowing_the_transaction(method: str, params: list[Any]) -> Any:
    return (
        {"hash": params[0]} if method == "eth_getTransactionByHash" else refusing_broadcasts(method, params)
    )


async def test_the_next_node_is_asked_when_one_is_gone(cluster: Cluster) -> None:
    nodes = {BAD: unreachable, GOOD: honest}
    assert await client(cluster, nodes, BAD, GOOD).nonce(SHOP, pending=True) == 5


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(500, text="down"),
        httpx2.Response(200, text="<html>"),
        httpx2.Response(200, json=[]),
        httpx2.Response(200, json={"id": 1}),
    ],
)
async def test_a_node_that_speaks_no_json_rpc_is_passed_over(
    cluster: Cluster, answer: httpx2.Response
) -> None:
    nodes: dict[str, Node] = {BAD: lambda method, params: answer, GOOD: honest}
    assert await client(cluster, nodes, BAD, GOOD).nonce(SHOP, pending=True) == 5


@pytest.mark.parametrize("value", ["5", 5, None, "0xzz", "0x" + "f" * 65, {}])
async def test_a_quantity_that_is_none_is_refused(cluster: Cluster, value: Any) -> None:
    def node(method: str, params: list[Any]) -> Any:
        return honest(method, params) if method == "eth_chainId" else value

    with pytest.raises(QuorateError) as refused:
        await client(cluster, {GOOD: node}, GOOD).nonce(SHOP, pending=True)
    assert refused.value.code == "chain_answer"


async def test_a_node_of_another_chain_is_never_used(cluster: Cluster) -> None:
    nodes = {BAD: of_another_chain, GOOD: honest}
    with pytest.raises(QuorateError) as refused:
        await client(cluster, nodes, BAD).check()
    assert refused.value.code == "chain_id"
    asked = client(cluster, nodes, BAD, GOOD)
    assert await asked.nonce(SHOP, pending=True) == 5


async def test_a_refused_broadcast_counts_when_the_node_has_the_transaction(cluster: Cluster) -> None:
    await client(cluster, {GOOD: knowing_the_transaction}, GOOD).broadcast(b"raw", bytes(32))


async def test_a_broadcast_tries_every_node_and_names_the_last_refusal(cluster: Cluster) -> None:
    nodes = {BAD: unreachable, GOOD: refusing_broadcasts}
    with pytest.raises(QuorateError) as refused:
        await client(cluster, nodes, BAD, GOOD).broadcast(b"raw", bytes(32))
    assert "already known" in refused.value.message
    await client(cluster, {**nodes, BAD: honest}, GOOD, BAD).broadcast(b"raw", bytes(32))


async def test_nobody_answers(cluster: Cluster) -> None:
    with pytest.raises(QuorateError) as refused:
        await client(cluster, {BAD: unreachable}, BAD).nonce(SHOP, pending=True)
    assert (refused.value.code, refused.value.whose) == ("chain_unreachable", "transport")
