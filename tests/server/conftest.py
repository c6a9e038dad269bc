"""A cluster for all tests of the server, a running server for each, and one real chain."""

import json
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak

from quorate.client.demo.chain import Chain
from tests.judge.cluster import ALLOW_ALL, TOKEN, Cluster
from tests.server.running import Running, serve

BALANCES_SLOT = 0


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    return Cluster(ALLOW_ALL)


@pytest.fixture
async def server(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Running]:
    """No signer is attached yet."""
    async with serve(cluster, tmp_path) as running:
        yield running


@pytest.fixture
async def willing(server: Running) -> Running:
    """Three signers that allow everything."""
    await server.attach()
    return server


@pytest.fixture(scope="session")
def chain(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """anvil, with the token of the charter at its address."""
    if not (root / "node_modules/.bin/anvil").exists() and shutil.which("anvil") is None:
        pytest.skip("anvil: not installed")
    with Chain(tmp_path_factory.mktemp("chain")) as running:
        deployed = running.deploy_token(1)
        running.call("anvil_setCode", TOKEN, running.call("eth_getCode", deployed, "latest"))
        yield running


def give_tokens(chain: Chain, address: str, units: int) -> None:
    """Writes the balance into the token's storage (Solidity: keccak256(key . slot))."""
    slot = keccak(encode(["address", "uint256"], [address, BALANCES_SLOT]))
    chain.call("anvil_setStorageAt", TOKEN, "0x" + slot.hex(), "0x" + units.to_bytes(32, "big").hex())


@pytest.fixture
async def on_chain(cluster: Cluster, chain: Chain, tmp_path: Path) -> AsyncIterator[Running]:
    """Three willing signers and a funded vault account 0 on the chain."""
    async with serve(cluster, tmp_path, chains={"evm:31337": (chain.url,)}) as running:
        await running.attach()
        for name in ("treasury", "hot"):
            response = await running.call("POST", "/v1/vault/accounts", {"name": name})
            assert response.status_code == 200, json.dumps(response.json())
        chain.fund(cluster.address("0"), 100)
        give_tokens(chain, cluster.address("0"), 1_000_000_000)
        yield running
