"""A cluster for all tests of the server, and a running server for each."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.judge.cluster import ALLOW_ALL, Cluster
from tests.server.running import Running, serve


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
