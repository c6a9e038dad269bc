from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.judge.bench import Bench
from tests.judge.cluster import ALLOW_ALL, CAPPED, Cluster


@pytest.fixture(scope="session")
def capped() -> Cluster:
    """A cluster whose policy lets 10 ETH an hour through."""
    return Cluster(CAPPED)


@pytest.fixture(scope="session")
def open_handed() -> Cluster:
    """A cluster whose policy lets everything through."""
    return Cluster(ALLOW_ALL)


@pytest.fixture
async def bench(capped: Cluster, tmp_path: Path) -> AsyncIterator[Bench]:
    async with Bench(capped, tmp_path).running() as running:
        yield running
