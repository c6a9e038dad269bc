"""One cluster for the whole session: real processes and a real chain, started as people start them."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from quorate.client.demo.chain import anvil
from quorate.client.demo.sdk import Requester
from quorate.client.demo.stage import Stage
from quorate.core.errors import QuorateError
from tests.e2e.cluster import Cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Three signers, one server, anvil, a token; an account `funded` with both."""
    try:
        anvil()
    except QuorateError as error:
        pytest.skip(f"anvil: {error.message}")
    # A short path: the path of a Unix socket has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="quorate-"))
    try:
        with Stage(folder / "stage", fresh=True) as stage:
            stage.deploy_token()
            stage.start_cluster()
            yield Cluster(stage)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def requester(cluster: Cluster) -> Requester:
    """The API user that may move money."""
    return cluster.requester


@pytest.fixture(autouse=True)
def everybody_runs(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that ends a signer leaves the others a whole cluster."""
    yield
    if "cluster" in request.fixturenames:
        request.getfixturevalue("cluster").start_all()
